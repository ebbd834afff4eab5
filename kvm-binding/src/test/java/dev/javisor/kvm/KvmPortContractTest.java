package dev.javisor.kvm;

import dev.javisor.testkit.contract.PortContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmPortContractTest extends PortContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
