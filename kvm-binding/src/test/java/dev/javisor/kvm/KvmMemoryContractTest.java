package dev.javisor.kvm;

import dev.javisor.testkit.contract.MemoryContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmMemoryContractTest extends MemoryContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
