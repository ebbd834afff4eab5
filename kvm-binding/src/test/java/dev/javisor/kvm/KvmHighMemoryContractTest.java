package dev.javisor.kvm;

import dev.javisor.testkit.contract.HighMemoryContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmHighMemoryContractTest extends HighMemoryContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
