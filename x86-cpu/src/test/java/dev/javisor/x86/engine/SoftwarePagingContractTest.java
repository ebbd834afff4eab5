package dev.javisor.x86.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.contract.PagingContract;
import dev.javisor.vmm.hypervisor.Hypervisor;
import org.junit.jupiter.api.Test;

final class SoftwarePagingContractTest extends PagingContract {
  @Override
  protected Hypervisor open() {
    return new SoftwareHypervisor();
  }

  /// Other processors may forget it at any time; here it is what makes system calls cheap.
  @Test
  void aGlobalTranslationOutlivesCr3() {
    assertEquals(1, readAfterMove(true, reloadCr3()));
  }
}
