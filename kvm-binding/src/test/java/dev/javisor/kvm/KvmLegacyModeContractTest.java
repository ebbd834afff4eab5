package dev.javisor.kvm;

import dev.javisor.testkit.contract.LegacyModeContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmLegacyModeContractTest extends LegacyModeContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
