package dev.javisor.kvm;

import dev.javisor.testkit.contract.DoorbellContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmDoorbellContractTest extends DoorbellContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
