package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.DoorbellContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareDoorbellContractTest extends DoorbellContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
