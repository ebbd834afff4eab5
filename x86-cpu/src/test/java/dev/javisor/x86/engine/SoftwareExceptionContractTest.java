package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.ExceptionContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareExceptionContractTest extends ExceptionContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
