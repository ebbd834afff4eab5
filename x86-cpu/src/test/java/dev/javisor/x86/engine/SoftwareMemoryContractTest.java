package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.MemoryContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareMemoryContractTest extends MemoryContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
