package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.HighMemoryContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareHighMemoryContractTest extends HighMemoryContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
