package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.GuardedKernelContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareGuardedKernelContractTest extends GuardedKernelContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor(
        EngineOptions.STANDARD.withModel(CpuModel.standard().withGuardedKernel()));
  }
}
