package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.InterruptContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareInterruptContractTest extends InterruptContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
