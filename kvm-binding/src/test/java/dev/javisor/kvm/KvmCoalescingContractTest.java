package dev.javisor.kvm;

import dev.javisor.testkit.contract.CoalescingContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmCoalescingContractTest extends CoalescingContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
