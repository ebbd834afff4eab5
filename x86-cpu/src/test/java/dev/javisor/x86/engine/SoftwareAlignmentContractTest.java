package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.AlignmentContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareAlignmentContractTest extends AlignmentContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
