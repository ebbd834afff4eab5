package dev.javisor.kvm;

import dev.javisor.testkit.contract.InterruptContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmInterruptContractTest extends InterruptContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
