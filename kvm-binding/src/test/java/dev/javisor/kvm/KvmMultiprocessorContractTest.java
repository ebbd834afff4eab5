package dev.javisor.kvm;

import dev.javisor.testkit.contract.MultiprocessorContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmMultiprocessorContractTest extends MultiprocessorContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
