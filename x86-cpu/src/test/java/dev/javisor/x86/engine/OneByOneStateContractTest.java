package dev.javisor.x86.engine;

import dev.javisor.testkit.contract.StateContract;
import dev.javisor.vmm.hypervisor.Hypervisor;

final class OneByOneStateContractTest extends StateContract {
  @Override
  protected Hypervisor open() {
    return OneByOneContractsTest.engine();
  }
}
