package dev.javisor.kvm;

import dev.javisor.testkit.contract.SelfModifyingContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmSelfModifyingContractTest extends SelfModifyingContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
