package dev.javisor.kvm;

import dev.javisor.testkit.contract.KickContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Tag;

@Tag("kvm")
class KvmKickContractTest extends KickContract {
  @Override
  protected Hypervisor open() {
    return KvmHypervisor.open();
  }
}
