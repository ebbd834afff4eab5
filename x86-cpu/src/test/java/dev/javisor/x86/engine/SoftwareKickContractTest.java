package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.KickContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class SoftwareKickContractTest extends KickContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }
}
