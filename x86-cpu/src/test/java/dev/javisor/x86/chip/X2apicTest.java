package dev.javisor.x86.chip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// IA32_APIC_BASE and the registers as MSRs (SDM 3A, 11.4.4 and 11.12).
class X2apicTest {
  private static final long BASE = 0xFEE0_0000L;
  private static final long OFF = BASE;
  private static final long XAPIC = BASE | 0x800;
  private static final long X2APIC = BASE | 0xC00;
  private static final long INVALID = BASE | 0x400;

  private final LocalApic apic = Chips.x2apic(1).apic();

  private static LocalApic in(long... bases) {
    LocalApic apic = new Chips(1).apic();
    for (long base : bases) {
      assertTrue(apic.base(base));
    }
    return apic;
  }

  @Test
  void modesChangeOnlyAsTheManualAllows() {
    assertTrue(in(XAPIC).base(X2APIC));
    assertTrue(in(XAPIC).base(OFF));
    assertTrue(in(OFF).base(XAPIC));
    assertTrue(in(X2APIC).base(OFF));
    assertFalse(in(OFF).base(X2APIC));
    assertFalse(in(X2APIC).base(XAPIC));
    for (long from : new long[] {OFF, XAPIC, X2APIC}) {
      LocalApic apic = in(from);
      assertFalse(apic.base(INVALID));
      assertEquals(from, apic.base(), "nothing changed");
      assertTrue(apic.base(from | 0x100));
    }
  }

  @Test
  void reservedBitsOfTheBaseAreRefused() {
    for (int bit : new int[] {0, 1, 7, 9, 40, 63}) {
      assertFalse(in().base(XAPIC | 1L << bit), "bit " + bit);
    }
    assertTrue(in().base(XAPIC | 1L << 39));
  }

  @Test
  void thePageIsWhereTheBaseSaysInXapicModeOnly() {
    LocalApic apic = in(0x12_3450_0800L & 0xFF_FFFF_F800L);
    assertTrue(apic.claims(0x12_3450_0000L));
    assertTrue(apic.claims(0x12_3450_0FFFL));
    assertFalse(apic.claims(0x12_3450_1000L));
    assertFalse(apic.claims(BASE));
    assertTrue(in(XAPIC).claims(BASE));
    assertFalse(in(X2APIC).claims(BASE));
    assertFalse(in(OFF).claims(BASE));
  }

  @Test
  void switchedOffItForgetsAndIsAsNew() {
    LocalApic apic = in(XAPIC);
    Chips.write(apic, ApicRegisters.SVR, Chips.ENABLED);
    Chips.write(apic, ApicRegisters.TPR, 0x20);
    Chips.request(apic, 0x41);
    assertTrue(apic.base(OFF));
    assertEquals(-1, apic.deliverable());
    assertTrue(apic.base(XAPIC));
    assertEquals(0xFF, Chips.read(apic, ApicRegisters.SVR));
    assertEquals(0, apic.cr8());
  }

  @Test
  void thePathToX2apicKeepsWhatThereIsAndChangesItsNames() {
    Chips chips = Chips.enabled(19);
    LocalApic apic = chips.apics.getLast();
    Chips.write(apic, ApicRegisters.TPR, 0x20);
    Chips.write(apic, ApicRegisters.LVT_LINT0, 0x41);
    Chips.request(apic, 0x55);
    assertEquals(18 << 24, Chips.read(apic, ApicRegisters.ID));
    assertTrue(apic.base(X2APIC));
    assertEquals(OptionalLong.of(18), apic.readMsr(0x802));
    assertEquals(OptionalLong.of(0x1_0004), apic.readMsr(0x80D));
    assertEquals(OptionalLong.of(0x20), apic.readMsr(0x808));
    assertEquals(OptionalLong.of(0x41), apic.readMsr(0x835));
    assertEquals(0x55, apic.acknowledge());
    apic.reset();
    assertEquals(OptionalLong.of(0x1_0004), apic.readMsr(0x80D), "an INIT keeps them");
  }

  @Test
  void noMsrIsThereInXapicMode() {
    LocalApic apic = in(XAPIC);
    assertEquals(OptionalLong.empty(), apic.readMsr(0x802));
    assertFalse(apic.writeMsr(0x808, 0));
  }

  @Test
  void onlyTheManualsRegistersCanBeReadAndWritten() {
    Set<Integer> readOnly = Set.of(0x802, 0x803, 0x80A, 0x80D, 0x839);
    Set<Integer> both =
        Set.of(0x808, 0x80F, 0x828, 0x830, 0x832, 0x833, 0x834, 0x835, 0x836, 0x837, 0x838, 0x83E);
    Set<Integer> writeOnly = Set.of(0x80B, 0x83F);
    List<String> wrong = new ArrayList<>();
    for (int msr = 0x800; msr <= 0x8FF; msr++) {
      boolean set = msr >= 0x810 && msr <= 0x827; // ISR, TMR, IRR
      boolean readable = set || readOnly.contains(msr) || both.contains(msr);
      boolean writable = both.contains(msr) || writeOnly.contains(msr);
      if (apic.readMsr(msr).isPresent() != readable || apic.writeMsr(msr, 0) != writable) {
        wrong.add(Integer.toHexString(msr));
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void nothingReservedCanBeWritten() {
    long[][] allowed = {
      {0x808, 0xFF},
      {0x80B, 0},
      {0x80F, 0x3FF},
      {0x828, 0},
      {0x830, 0xFFFF_FFFF_000C_DFFFL},
      {0x832, 0x7_50FF},
      {0x833, 0x1_57FF},
      {0x834, 0x1_57FF},
      {0x835, 0x1_F7FF},
      {0x836, 0x1_F7FF},
      {0x837, 0x1_50FF},
      {0x838, 0xFFFF_FFFFL},
      {0x83E, 0xB},
      {0x83F, 0xFF},
    };
    List<String> wrong = new ArrayList<>();
    for (long[] register : allowed) {
      for (int bit = 0; bit < 64; bit++) {
        boolean may = (register[1] & 1L << bit) != 0;
        if (apic.writeMsr((int) register[0], 1L << bit) != may) {
          wrong.add("%x bit %d".formatted(register[0], bit));
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void aRefusedWriteChangesNothing() {
    assertTrue(apic.writeMsr(0x808, 0x20));
    assertFalse(apic.writeMsr(0x808, 0x1_0030));
    assertEquals(2, apic.cr8());
    assertFalse(apic.writeMsr(0x830, 1L << 20 | 0x41));
    assertEquals(-1, apic.deliverable());
  }

  @Test
  void theCommandRegisterHasSixtyFourBits() {
    assertTrue(apic.writeMsr(0x830, 0x1234_5678_0000_1041L));
    assertEquals(OptionalLong.of(0x1234_5678_0000_0041L), apic.readMsr(0x830), "never busy");
  }

  @Test
  void endOfInterruptAndErrorsWorkByMsr() {
    Chips.request(apic, 0x41);
    assertEquals(0x41, apic.acknowledge());
    assertEquals(OptionalLong.of(2), apic.readMsr(0x812));
    assertEquals(OptionalLong.of(0x40), apic.readMsr(0x80A));
    assertTrue(apic.writeMsr(0x80B, 0));
    assertEquals(OptionalLong.of(0), apic.readMsr(0x812));
    assertTrue(apic.writeMsr(0x83F, 3));
    assertTrue(apic.writeMsr(0x828, 0));
    assertEquals(OptionalLong.of(0x20), apic.readMsr(0x828));
  }
}
