package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.Chips.read;
import static dev.javisor.x86.chip.Chips.serve;
import static dev.javisor.x86.chip.Chips.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// A local APIC as the page of KVM_GET_LAPIC, and back.
class ApicStateTest {
  private final Chips chips = Chips.enabled(2);
  private final LocalApic apic = chips.apics.get(1);

  private static LocalApic loaded(byte[] page, long base, Chips into) {
    LocalApic other = into.apics.get(1);
    assertTrue(other.load(page, base));
    return other;
  }

  private void fill() {
    write(apic, ApicRegisters.TPR, 0x20);
    write(apic, ApicRegisters.LDR, 2 << 24);
    write(apic, ApicRegisters.DFR, 0);
    write(apic, ApicRegisters.LVT_LINT0, 0x1_8700);
    write(apic, ApicRegisters.ICR_HIGH, 3 << 24);
    write(apic, ApicRegisters.ICR_LOW, 0x1F);
    write(apic, ApicRegisters.ICR_LOW, 0x08);
    write(apic, ApicRegisters.ESR, 0);
    Chips.request(apic, 0x41);
    assertEquals(0x41, apic.acknowledge());
    Chips.request(apic, 0x41);
    assertTrue(apic.accept(Delivery.FIXED, 0xE1, true));
  }

  @Test
  void whatIsSavedIsWhatIsLoaded() {
    fill();
    byte[] page = apic.save();
    LocalApic other = loaded(page, apic.base(), new Chips(2));
    assertArrayEquals(page, other.save());
    assertTrue(other.attention());
    assertEquals(0xE1, other.acknowledge());
    other.endOfInterrupt();
    assertEquals(-1, other.acknowledge(), "0x41 is still served");
    other.endOfInterrupt();
    assertEquals(0x41, other.acknowledge());
    assertEquals(0x20, read(other, ApicRegisters.ESR));
  }

  @Test
  void thePageIsLaidOutAsTheManualsRegisters() {
    fill();
    byte[] page = apic.save();
    assertEquals(1024, page.length);
    for (int register = 0; register < 1024; register += 16) {
      assertEquals(read(apic, register), ApicRegisters.word(page, register));
      assertEquals(0, ApicRegisters.word(page, register + 4));
    }
  }

  @Test
  void anX2apicIsSavedUnderItsEightBitId() {
    assertTrue(apic.base(apic.base() | ApicMode.EXTENDED));
    assertTrue(apic.writeMsr(0x830, 0x1234_5678_0000_0041L));
    byte[] page = apic.save();
    assertEquals(1 << 24, ApicRegisters.word(page, ApicRegisters.ID));
    LocalApic other = loaded(page, apic.base(), new Chips(2));
    assertArrayEquals(page, other.save());
    assertEquals(1, other.readMsr(0x802).orElseThrow());
    assertEquals(2, other.readMsr(0x80D).orElseThrow());
    assertEquals(0x1234_5678_0000_0041L, other.readMsr(0x830).orElseThrow());
  }

  @Test
  void aPeriodGoesOnWhereItStood() {
    write(apic, ApicRegisters.LVT_TIMER, 1 << 17 | 0x55);
    write(apic, ApicRegisters.DIVIDE, 0x0B);
    write(apic, ApicRegisters.INITIAL_COUNT, 1_000_000);
    chips.pass(300_000);
    Chips later = new Chips(2);
    later.time.advance(77);
    LocalApic other = loaded(apic.save(), apic.base(), later);
    assertEquals(700_000, read(other, ApicRegisters.CURRENT_COUNT));
    later.pass(699_999);
    assertEquals(0, serve(other));
    later.pass(1);
    assertEquals(1, serve(other));
    later.pass(1_000_000);
    assertEquals(1, serve(other));
  }

  @Test
  void aOneShotThatIsOverStaysSo() {
    write(apic, ApicRegisters.LVT_TIMER, 0x55);
    write(apic, ApicRegisters.INITIAL_COUNT, 1000);
    chips.pass(2000);
    assertEquals(1, serve(apic));
    Chips later = new Chips(2);
    LocalApic other = loaded(apic.save(), apic.base(), later);
    later.pass(1_000_000);
    assertEquals(0, serve(other));
    assertEquals(1000, read(other, ApicRegisters.INITIAL_COUNT));
  }

  @Test
  void whatIsDueIsNotLostByASave() {
    write(apic, ApicRegisters.LVT_TIMER, 0x55);
    write(apic, ApicRegisters.INITIAL_COUNT, 1000);
    chips.time.advance(2000); // nobody ran the timers
    LocalApic other = loaded(apic.save(), apic.base(), new Chips(2));
    assertEquals(1, serve(other));
  }

  @Test
  void aDeadlineFollowsThePage() {
    write(apic, ApicRegisters.LVT_TIMER, 2 << 17 | 0x55);
    apic.tscDeadline(3000);
    Chips later = new Chips(2);
    LocalApic other = loaded(apic.save(), apic.base(), later);
    assertEquals(0, other.tscDeadline());
    other.tscDeadline(apic.tscDeadline());
    later.pass(1000);
    assertEquals(1, serve(other));
  }

  @Test
  void loadingForgetsWhatWasThere() {
    byte[] fresh = new Chips(2).apics.get(1).save();
    fill();
    write(apic, ApicRegisters.LVT_TIMER, 1 << 17 | 0x55);
    write(apic, ApicRegisters.INITIAL_COUNT, 1_000_000);
    assertTrue(apic.load(fresh, apic.base()));
    assertArrayEquals(fresh, apic.save());
    assertEquals(Timers.NEVER, chips.timers.nextDeadline());
    assertEquals(-1, apic.deliverable());
  }

  @Test
  void whatIsNoStateIsRefused() {
    byte[] page = apic.save();
    assertFalse(apic.load(new byte[64], apic.base()));
    assertFalse(apic.load(page, 0xFEE0_0400L));
    assertFalse(apic.load(page, -1));
    assertEquals(0xFEE0_0800L, apic.base());
  }

  @Test
  void anyPageCanBeLoaded() {
    byte[] ones = new byte[1024];
    Arrays.fill(ones, (byte) -1);
    for (long base : new long[] {0xFEE0_0000L, 0xFEE0_0800L, 0xFEE0_0C00L}) {
      assertTrue(apic.load(ones, base));
      chips.passExactly(10_000_000);
      for (int i = 0; i < 300; i++) {
        assertTrue(apic.acknowledge() < 256);
        apic.endOfInterrupt();
      }
      apic.reset();
    }
  }
}
