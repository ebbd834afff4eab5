package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.StateContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareStateContractTest extends StateContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
