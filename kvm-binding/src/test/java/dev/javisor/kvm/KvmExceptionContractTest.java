package dev.javisor.kvm;

import dev.javisor.testkit.contract.ExceptionContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmExceptionContractTest extends ExceptionContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
