package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.SelfModifyingContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareSelfModifyingContractTest extends SelfModifyingContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
