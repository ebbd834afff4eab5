package dev.javisor.kvm;

import dev.javisor.testkit.contract.MmioContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmMmioContractTest extends MmioContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
