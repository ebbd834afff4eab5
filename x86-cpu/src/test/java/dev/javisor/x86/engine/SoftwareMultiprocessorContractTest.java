package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.MultiprocessorContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareMultiprocessorContractTest extends MultiprocessorContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
