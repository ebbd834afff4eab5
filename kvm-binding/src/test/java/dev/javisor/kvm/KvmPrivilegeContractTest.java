package dev.javisor.kvm;

import dev.javisor.testkit.contract.PrivilegeContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmPrivilegeContractTest extends PrivilegeContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
