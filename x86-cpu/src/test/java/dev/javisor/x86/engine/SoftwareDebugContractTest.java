package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.DebugContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareDebugContractTest extends DebugContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
