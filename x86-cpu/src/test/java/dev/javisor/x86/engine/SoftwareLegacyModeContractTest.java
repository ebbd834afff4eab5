package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.LegacyModeContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareLegacyModeContractTest extends LegacyModeContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
