package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.PortContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwarePortContractTest extends PortContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
