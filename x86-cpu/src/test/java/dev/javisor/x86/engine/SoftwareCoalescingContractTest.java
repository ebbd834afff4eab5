package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.CoalescingContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareCoalescingContractTest extends CoalescingContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
