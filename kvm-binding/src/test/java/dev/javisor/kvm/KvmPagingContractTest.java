package dev.javisor.kvm;

import dev.javisor.testkit.contract.PagingContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmPagingContractTest extends PagingContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
