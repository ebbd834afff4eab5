package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.Chips.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Message-signalled interrupts (SDM 3A, 11.11).
class MsiTest {
  private static final int LOGICAL = 1 << 2;
  private static final int TO_ONE = 1 << 3;

  private final Chips chips = Chips.enabled(2);
  private final LocalApic first = chips.apics.get(0);
  private final LocalApic second = chips.apics.get(1);

  @Test
  void theAddressSaysToWhom() {
    assertTrue(chips.bus.msi(0xFEE0_1000L, 0x0041));
    assertEquals(-1, first.deliverable());
    assertEquals(0x41, second.acknowledge());
    assertTrue(chips.bus.msi(0xFEE0_0000L, 0x0042));
    assertEquals(0x42, first.acknowledge());
  }

  @Test
  void bothCanBeMeant() {
    assertTrue(chips.bus.msi(0xFEEF_F000L, 0x41));
    assertEquals(1, serve(first));
    assertEquals(1, serve(second));
    Chips.write(first, ApicRegisters.LDR, 0x01 << 24);
    Chips.write(second, ApicRegisters.LDR, 0x02 << 24);
    assertTrue(chips.bus.msi(0xFEE0_3000L | LOGICAL, 0x41));
    assertEquals(1, serve(first));
    assertEquals(1, serve(second));
  }

  @Test
  void theRedirectionHintPicksOneOfASet() {
    Chips.write(first, ApicRegisters.LDR, 0x01 << 24);
    Chips.write(second, ApicRegisters.LDR, 0x02 << 24);
    assertTrue(chips.bus.msi(0xFEE0_3000L | LOGICAL | TO_ONE, 0x41));
    assertEquals(0, serve(first));
    assertEquals(1, serve(second), "an odd vector");
    assertTrue(chips.bus.msi(0xFEEF_F000L | TO_ONE, 0x41));
    assertEquals(1, serve(first), "of a logical set");
    assertEquals(1, serve(second));
  }

  @Test
  void theDataSaysHow() {
    assertTrue(chips.bus.msi(0xFEE0_1000L, 0x400));
    assertTrue(second.takeNmi());
    assertTrue(chips.bus.msi(0xFEE0_1000L, 0xC041));
    assertEquals(1 << 1, Chips.read(second, ApicRegisters.TMR + 0x20), "level-triggered");
    assertTrue(chips.bus.msi(0xFEE0_1000L, 0x41));
    assertEquals(0, Chips.read(second, ApicRegisters.TMR + 0x20));
  }

  @Test
  void otherAddressesAreNoInterrupts() {
    assertFalse(chips.bus.msi(0xFED0_0000L, 0x41));
    assertFalse(chips.bus.msi(0xFEF0_0000L, 0x41));
    assertFalse(chips.bus.msi(0x1_FEE0_0000L, 0x41));
    assertFalse(chips.bus.msi(0xFEE0_5000L, 0x41), "nobody has id 5");
    assertFalse(chips.bus.msi(0xFEE0_0000L, 0x0F), "nor an interrupt this vector");
    assertEquals(0, serve(first) + serve(second));
  }
}
