package dev.javisor.kvm;

import dev.javisor.testkit.contract.FaultContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmFaultContractTest extends FaultContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
