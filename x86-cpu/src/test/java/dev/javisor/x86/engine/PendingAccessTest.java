package dev.javisor.x86.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.x86.state.AccessExit;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class PendingAccessTest {
  private final PendingAccess accesses = new PendingAccess(false);

  @Test
  void aReadLeavesAndIsAnsweredWhenItIsRunAgain() {
    assertFalse(accesses.isWaiting());
    assertThrows(AccessExit.class, () -> accesses.read(0xC000_0000L, 4));
    assertTrue(accesses.isWaiting());
    assertEquals(new VmExit.MmioRead(0xC000_0000L, 4), accesses.pending());
    accesses.answer(0xFFFF_FFFF_1234_5678L);
    accesses.resume();
    assertEquals(0x1234_5678, accesses.read(0xC000_0000L, 4), "as wide as it was asked for");
    accesses.clear();
    assertFalse(accesses.isWaiting());
  }

  @Test
  void anInstructionWithSeveralAccessesMakesEachOnce() {
    assertThrows(AccessExit.class, () -> accesses.read(0x1000, 8));
    accesses.answer(7);
    accesses.resume();
    assertEquals(7, accesses.read(0x1000, 8));
    assertThrows(AccessExit.class, () -> accesses.write(0x2000, 8, 7));
    assertEquals(new VmExit.MmioWrite(0x2000, 8, 7), accesses.pending());
    accesses.resume();
    assertEquals(7, accesses.read(0x1000, 8), "known");
    accesses.write(0x2000, 8, 7);
    assertThrows(AccessExit.class, () -> accesses.write(0x3000, 8, 8), "and new ones are asked");
  }

  @Test
  void aPortsBytesAreWhatTheDeviceFilledIn() {
    assertThrows(AccessExit.class, () -> accesses.in(0x3F8, 2));
    VmExit.PortIn in = (VmExit.PortIn) Objects.requireNonNull(accesses.pending());
    in.data().put(0, (byte) 0x34);
    in.data().put(1, (byte) 0x92);
    accesses.resume();
    assertEquals(0x9234, accesses.in(0x3F8, 2));
  }

  @Test
  void whatIsDoneIsForgotten() {
    assertThrows(AccessExit.class, () -> accesses.read(0x1000, 1));
    accesses.answer(1);
    accesses.resume();
    assertEquals(1, accesses.read(0x1000, 1));
    accesses.clear();
    assertThrows(AccessExit.class, () -> accesses.read(0x1000, 1), "the next instruction's");
  }

  @Test
  void noInstructionAsksForEver() {
    assertThrows(
        IllegalStateException.class,
        () -> {
          while (true) {
            askOnceMore();
          }
        });
  }

  /// As an instruction does that is run again with all answers so far.
  private void askOnceMore() {
    try {
      while (true) {
        long unused = accesses.read(0x1000, 1);
      }
    } catch (AccessExit exit) {
      accesses.resume();
    }
  }
}
