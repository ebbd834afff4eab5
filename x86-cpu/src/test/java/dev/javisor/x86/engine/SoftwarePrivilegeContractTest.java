package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.PrivilegeContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwarePrivilegeContractTest extends PrivilegeContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
