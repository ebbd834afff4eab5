package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.MmioContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareMmioContractTest extends MmioContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
