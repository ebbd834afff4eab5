package dev.javisor.kvm;

import dev.javisor.testkit.contract.StateContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmStateContractTest extends StateContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
