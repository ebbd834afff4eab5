package dev.javisor.kvm;

import dev.javisor.testkit.contract.DebugContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmDebugContractTest extends DebugContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
