package dev.javisor.x86.chip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.bus.Device;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The two 8259As at LINT0 of the boot processor (8259A data sheet).
class PicTest {
  private static final int EOI = 0x20;
  private static final int SPECIFIC_EOI = 0x60;
  private static final int READ_IRR = 0x0A;
  private static final int READ_ISR = 0x0B;

  private final Chips chips = new Chips(1);
  private final LocalApic apic = chips.apic();
  private final Pic pic = Chips.pic(apic);
  private final Gsis gsis = new Gsis(new IoApic(chips.bus), pic);

  @BeforeEach
  void initialized() {
    apic.wireThrough();
    initialize(pic, 0x01);
  }

  /// As Linux does (`init_8259A`): vectors 0x30 and 0x38, everything open.
  private static void initialize(Pic pic, int icw4) {
    write(pic.first(), 0, 0x11);
    write(pic.first(), 1, 0x30);
    write(pic.first(), 1, 0x04);
    write(pic.first(), 1, icw4);
    write(pic.second(), 0, 0x11);
    write(pic.second(), 1, 0x38);
    write(pic.second(), 1, 0x02);
    write(pic.second(), 1, (icw4 & 0x02) | 0x01);
  }

  private static void write(Device ports, int port, int value) {
    ports.write(port, 1, value);
  }

  private static int read(Device ports, int command) {
    write(ports, 0, command);
    return (int) ports.read(0, 1);
  }

  private void endBoth() {
    write(pic.second(), 0, EOI);
    write(pic.first(), 0, EOI);
  }

  @Test
  void anInterruptHasItsVectorAfterInitialization() {
    gsis.line(4).pulse();
    assertEquals(LocalApic.EXTERNAL, apic.deliverable());
    assertEquals(1 << 4, read(pic.first(), READ_IRR));
    assertEquals(0x34, apic.acknowledge());
    assertEquals(0, read(pic.first(), READ_IRR));
    assertEquals(1 << 4, read(pic.first(), READ_ISR));
    assertEquals(-1, apic.deliverable());
    write(pic.first(), 0, EOI);
    assertEquals(0, read(pic.first(), READ_ISR));
  }

  @Test
  void lowerNumbersGoFirstAndInterruptHigherOnes() {
    gsis.line(6).pulse();
    gsis.line(1).pulse();
    assertEquals(0x31, apic.acknowledge());
    assertEquals(-1, apic.acknowledge(), "6 waits for the end of 1");
    gsis.line(0).pulse();
    assertEquals(0x30, apic.acknowledge());
    write(pic.first(), 0, SPECIFIC_EOI | 1);
    assertEquals(1 << 0, read(pic.first(), READ_ISR));
    gsis.line(1).pulse();
    write(pic.first(), 0, EOI);
    assertEquals(0x31, apic.acknowledge());
    gsis.line(0).pulse();
    assertEquals(0x30, apic.acknowledge());
    write(pic.first(), 0, EOI);
    assertEquals(1 << 1, read(pic.first(), READ_ISR), "the highest was ended");
    write(pic.first(), 0, EOI);
    assertEquals(0x36, apic.acknowledge());
  }

  @Test
  void theSecondComesThroughInputTwo() {
    gsis.line(12).pulse();
    gsis.line(10).pulse();
    assertEquals(1 << 2, read(pic.first(), READ_IRR));
    assertEquals(0x3A, apic.acknowledge());
    assertEquals(1 << 2, read(pic.first(), READ_ISR));
    assertEquals(1 << 2, read(pic.second(), READ_ISR));
    endBoth();
    assertEquals(0x3C, apic.acknowledge());
    endBoth();
    assertEquals(-1, apic.acknowledge());
  }

  @Test
  void aMaskHoldsBackAndKeeps() {
    write(pic.first(), 1, 0xFB);
    write(pic.second(), 1, 0xFF);
    assertEquals(0xFB, pic.first().read(1, 1));
    gsis.line(5).pulse();
    gsis.line(9).pulse();
    assertEquals(-1, apic.deliverable());
    write(pic.first(), 1, 0xDB);
    assertEquals(0x35, apic.acknowledge());
    write(pic.first(), 0, EOI);
    write(pic.second(), 1, 0xFD);
    assertEquals(0x39, apic.acknowledge());
  }

  @Test
  void whoAcknowledgesNothingGetsInputSevensVector() {
    gsis.line(3).pulse();
    assertEquals(0x33, pic.acknowledge());
    assertEquals(0x37, pic.acknowledge());
    assertEquals(1 << 3, read(pic.first(), READ_ISR), "nothing to end for it");
  }

  @Test
  void aLevelThatFallsInTimeWasNeverThere() {
    write(pic.edgeLevelControl(), 1, 0x04);
    gsis.line(10).raise();
    gsis.line(1).raise();
    gsis.line(10).lower();
    assertEquals(0x31, apic.acknowledge());
    write(pic.first(), 0, EOI);
    assertEquals(-1, apic.acknowledge(), "nobody is asked in vain");
    gsis.line(10).raise();
    assertEquals(0x3A, apic.acknowledge());
  }

  @Test
  void aLevelInterruptsUntilItFalls() {
    write(pic.edgeLevelControl(), 0, 0xFF);
    write(pic.edgeLevelControl(), 1, 0xFF);
    assertEquals(0xF8, pic.edgeLevelControl().read(0, 1), "not all can be levels");
    assertEquals(0xDE, pic.edgeLevelControl().read(1, 1));
    gsis.line(5).raise();
    for (int i = 0; i < 3; i++) {
      assertEquals(0x35, apic.acknowledge());
      assertEquals(-1, apic.acknowledge());
      write(pic.first(), 0, EOI);
    }
    gsis.line(5).lower();
    assertEquals(-1, apic.acknowledge());
  }

  @Test
  void anEdgeThatStaysUpInterruptsOnce() {
    gsis.line(5).raise();
    gsis.line(5).raise();
    assertEquals(0x35, apic.acknowledge());
    write(pic.first(), 0, EOI);
    gsis.line(5).raise();
    assertEquals(-1, apic.acknowledge());
    gsis.line(5).lower();
    gsis.line(5).raise();
    assertEquals(0x35, apic.acknowledge());
  }

  @Test
  void automaticEndsLeaveNothingServed() {
    initialize(pic, 0x03);
    gsis.line(4).pulse();
    gsis.line(11).pulse();
    assertEquals(0x3B, apic.acknowledge());
    assertEquals(0x34, apic.acknowledge());
    assertEquals(0, read(pic.first(), READ_ISR));
    assertEquals(0, read(pic.second(), READ_ISR));
  }

  @Test
  void prioritiesRotate() {
    write(pic.first(), 0, 0xC3); // 3 is the lowest now, 4 the highest
    gsis.line(1).pulse();
    gsis.line(5).pulse();
    gsis.line(3).pulse();
    assertEquals(0x35, apic.acknowledge());
    write(pic.first(), 0, 0xA0); // and 5 the lowest, with its end
    gsis.line(5).pulse();
    assertEquals(0x31, apic.acknowledge());
    write(pic.first(), 0, EOI);
    assertEquals(0x33, apic.acknowledge());
    write(pic.first(), 0, 0xE3); // ends 3, which is the lowest again
    gsis.line(1).pulse();
    gsis.line(4).pulse();
    assertEquals(0x34, apic.acknowledge());
    write(pic.first(), 0, EOI);
    assertEquals(0x35, apic.acknowledge());
    write(pic.first(), 0, EOI);
    assertEquals(0x31, apic.acknowledge());
  }

  @Test
  void aSpecialMaskLetsLowerOnesThrough() {
    gsis.line(1).pulse();
    assertEquals(0x31, apic.acknowledge());
    gsis.line(6).pulse();
    write(pic.first(), 1, 0x02);
    assertEquals(-1, apic.acknowledge());
    write(pic.first(), 0, 0x68);
    assertEquals(0x36, apic.acknowledge());
    write(pic.first(), 0, 0x48);
  }

  @Test
  void aPollIsAnAcknowledgement() {
    write(pic.first(), 1, 0);
    gsis.line(6).pulse();
    write(pic.first(), 0, 0x0C);
    assertEquals(0x86, pic.first().read(0, 1));
    assertEquals(-1, apic.deliverable());
    assertEquals(1 << 6, read(pic.first(), READ_ISR));
    write(pic.first(), 0, 0x0C);
    assertEquals(0, pic.first().read(0, 1));
  }

  @Test
  void initializationForgetsEdgesMaskAndService() {
    gsis.line(6).pulse();
    assertEquals(0x36, apic.acknowledge());
    gsis.line(1).pulse();
    write(pic.first(), 1, 0xAA);
    initialize(pic, 0x01);
    assertEquals(0, pic.first().read(1, 1));
    assertEquals(0, read(pic.first(), READ_IRR));
    assertEquals(0, read(pic.first(), READ_ISR));
    assertEquals(-1, apic.deliverable());
  }

  @Test
  void theLocalApicDecidesWhetherItsPinCounts() {
    gsis.line(4).raise();
    assertTrue(apic.attention());
    Chips.write(apic, ApicRegisters.LVT_LINT0, ApicRegisters.MASKED | 0x700);
    assertEquals(-1, apic.deliverable());
    assertTrue(apic.base(apic.base() & ~ApicMode.ENABLE));
    assertEquals(0x34, apic.acknowledge(), "the pin is INTR without an APIC");
  }

  @Test
  void asNmiItsOutputCountsOnceARise() {
    Chips.write(apic, ApicRegisters.SVR, Chips.ENABLED);
    Chips.write(apic, ApicRegisters.LVT_LINT0, 0x400);
    gsis.line(4).raise();
    assertTrue(apic.takeNmi());
    gsis.line(4).lower();
    gsis.line(3).pulse();
    assertFalse(apic.takeNmi(), "its output is up all the time");
    assertEquals(-1, apic.acknowledge());
  }

  @Test
  void anExtIntOfTheIoApicIsAnsweredByThePic() {
    Chips.write(apic, ApicRegisters.LVT_LINT0, ApicRegisters.MASKED);
    gsis.line(4).pulse();
    assertEquals(-1, apic.deliverable());
    assertTrue(apic.accept(Delivery.EXTINT, 0, false));
    assertEquals(0x34, apic.acknowledge());
    assertEquals(-1, apic.acknowledge());
  }

  @Test
  void itsStateSurvivesItsBytes() {
    write(pic.edgeLevelControl(), 0, 0x20);
    write(pic.second(), 1, 0x0F);
    gsis.line(5).raise();
    gsis.line(14).pulse();
    gsis.line(1).pulse();
    assertEquals(0x31, apic.acknowledge());
    byte[] saved = Chips.saved(pic);
    Chips others = new Chips(1);
    others.apic().wireThrough();
    Pic other = Chips.pic(others.apic());
    Chips.load(other, saved);
    assertEquals(-1, others.apic().deliverable());
    write(other.first(), 0, EOI);
    assertEquals(0x3E, others.apic().acknowledge());
    write(other.second(), 0, EOI);
    write(other.first(), 0, EOI);
    assertEquals(0x35, others.apic().acknowledge());
    assertEquals(0x0F, other.second().read(1, 1));
    assertEquals(0x20, other.edgeLevelControl().read(0, 1));
  }

  @Test
  void aLoadedOneAsksForWhatItHadAndNotTwice() {
    gsis.line(5).raise();
    Chips others = new Chips(1);
    others.apic().wireThrough();
    Pic other = Chips.pic(others.apic());
    Chips.load(other, Chips.saved(pic));
    assertEquals(0x35, others.apic().acknowledge());
    write(other.first(), 0, EOI);
    other.level(5, true); // as the device does when it goes on
    assertEquals(-1, others.apic().acknowledge());
    other.level(5, false);
    other.level(5, true);
    assertEquals(0x35, others.apic().acknowledge());
  }

  @Test
  void itsPortsAreBytes() {
    pic.first().write(1, 2, 0xFFFF);
    assertEquals(0, pic.first().read(1, 1));
    assertEquals(0xFFFF, pic.first().read(0, 2));
  }

  @Test
  void nothingAGuestWritesBreaksIt() {
    for (Device ports : new Device[] {pic.first(), pic.second(), pic.edgeLevelControl()}) {
      for (int value = 0; value < 0x10000; value++) {
        write(ports, 0, value >>> 8);
        write(ports, 1, value);
        gsis.line(value & 15).pulse();
        ports.read(0, 1);
        ports.read(1, 1);
        ports.read(0, 2);
        ports.write(0, 4, -1);
        int vector = pic.acknowledge();
        assertTrue(vector >= 0 && vector <= 0xFF);
      }
    }
  }
}
