package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.FaultContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareFaultContractTest extends FaultContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
