package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.Chips.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.state.StateException;
import org.junit.jupiter.api.Test;

/// The I/O APIC (82093AA), its wires, and how local APICs answer it.
class IoApicTest {
  private static final int PIN = 20; // beyond the 8259As
  private static final int VECTOR = 0x41;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int LEVEL = 1 << 15;
  private static final int MASKED = 1 << 16;
  private static final int LOGICAL = 1 << 11;

  private final Chips chips = Chips.enabled(2);
  private final LocalApic apic = chips.apic();
  private final IoApic ioApic = new IoApic(chips.bus);
  private final Gsis gsis = new Gsis(ioApic, Chips.pic(apic));
  private final InterruptLine line = gsis.line(PIN);

  private int read(int register) {
    ioApic.write(0, 4, register);
    return (int) ioApic.read(0x10, 4);
  }

  private void write(int register, int value) {
    ioApic.write(0, 4, register);
    ioApic.write(0x10, 4, Integer.toUnsignedLong(value));
  }

  private void entry(int low, int destination) {
    write(0x11 + 2 * PIN, destination << 24);
    write(0x10 + 2 * PIN, low);
  }

  private int entry() {
    return read(0x10 + 2 * PIN);
  }

  @Test
  void itsRegistersAreTheDataSheets() {
    assertEquals(0x0017_0011, read(1));
    write(0, -1);
    assertEquals(0x0F00_0000, read(0));
    assertEquals(0x0F00_0000, read(2));
    assertEquals(MASKED, read(0x10));
    write(0x10, -1);
    assertEquals(0x1_AFFF, read(0x10));
    write(0x3F, -1);
    assertEquals(0xFF00_0000, read(0x3F));
    assertEquals(-1, read(0x40), "there is no pin 24");
    assertEquals(0x40, ioApic.read(0, 4));
    assertEquals(0xFFFF_FFFFL, ioApic.read(0x40, 4), "nor an EOI register");
  }

  @Test
  void anEdgeInterruptsOnce() {
    entry(VECTOR, 0);
    line.raise();
    assertEquals(VECTOR, entry());
    line.raise();
    assertEquals(1, serve(apic));
    line.lower();
    assertEquals(0, serve(apic));
    line.pulse();
    assertEquals(1, serve(apic));
  }

  @Test
  void aLevelInterruptsAgainAfterItsEndUntilItIsLowered() {
    entry(VECTOR | LEVEL, 0);
    line.raise();
    assertEquals(VECTOR | LEVEL | REMOTE_IRR, entry());
    assertEquals(VECTOR, apic.acknowledge());
    line.raise();
    assertEquals(-1, apic.deliverable());
    assertEquals(0, Chips.read(apic, ApicRegisters.IRR + 0x20), "not before the end");
    apic.endOfInterrupt();
    assertEquals(VECTOR, apic.acknowledge(), "still up");
    line.lower();
    apic.endOfInterrupt();
    assertEquals(VECTOR | LEVEL, entry());
    assertEquals(-1, apic.deliverable());
  }

  @Test
  void theEndOfAnEdgeIsNotTheEndOfALevel() {
    entry(VECTOR | LEVEL, 0);
    line.raise();
    assertEquals(VECTOR, apic.acknowledge());
    line.lower(); // else it would be sent again at once
    Chips.request(chips.apics.get(1), VECTOR);
    assertEquals(1, serve(chips.apics.get(1)));
    assertEquals(VECTOR | LEVEL | REMOTE_IRR, entry());
    assertTrue(apic.accept(Delivery.FIXED, 0x51, true));
    assertEquals(0x51, apic.acknowledge());
    apic.endOfInterrupt();
    assertEquals(VECTOR | LEVEL | REMOTE_IRR, entry(), "nor is another level's");
    entry(VECTOR | LEVEL, 0);
    assertEquals(VECTOR | LEVEL | REMOTE_IRR, entry(), "nor a write");
    apic.endOfInterrupt();
    assertEquals(VECTOR | LEVEL, entry());
  }

  @Test
  void anEdgeOnAMaskedPinIsLost() {
    entry(VECTOR | MASKED, 0);
    line.pulse();
    line.raise();
    entry(VECTOR, 0);
    assertEquals(0, serve(apic), "82093AA, 3.2.4");
    line.pulse();
    assertEquals(0, serve(apic), "it was up already");
    line.pulse();
    assertEquals(1, serve(apic));
  }

  @Test
  void aLevelOnAMaskedPinIsSeenWhenItIsOpened() {
    entry(VECTOR | LEVEL | MASKED, 0);
    line.raise();
    assertEquals(0, serve(apic));
    entry(VECTOR | LEVEL, 0);
    assertEquals(VECTOR, apic.acknowledge());
    line.lower();
    apic.endOfInterrupt();
    entry(VECTOR | LEVEL | MASKED, 0);
    line.raise();
    line.lower();
    entry(VECTOR | LEVEL, 0);
    assertEquals(0, serve(apic));
  }

  /// Linux masks, makes it an edge, and back (`__eoi_ioapic_pin`).
  @Test
  void switchingToEdgeEndsALevel() {
    entry(VECTOR | LEVEL, 0);
    line.raise();
    assertEquals(VECTOR, apic.acknowledge());
    entry(VECTOR | MASKED, 0);
    assertEquals(VECTOR | MASKED, entry());
    entry(VECTOR | LEVEL | MASKED, 0);
    line.lower();
    entry(VECTOR | LEVEL, 0);
    assertEquals(VECTOR | LEVEL, entry());
  }

  @Test
  void aLevelThatNobodyTookIsTriedAgain() {
    entry(VECTOR | LEVEL, 9);
    line.raise();
    assertEquals(VECTOR | LEVEL, entry(), "no remote IRR");
    entry(VECTOR | LEVEL, 1);
    assertEquals(1, Chips.read(chips.apics.get(1), ApicRegisters.IRR + 0x20) >>> 1);
  }

  @Test
  void theEntrySaysToWhomAndHow() {
    entry(VECTOR, 0xFF);
    line.pulse();
    assertEquals(1, serve(apic));
    assertEquals(1, serve(chips.apics.get(1)));
    Chips.write(chips.apics.get(1), ApicRegisters.LDR, 0x80 << 24);
    entry(VECTOR | LOGICAL, 0x80);
    line.pulse();
    assertEquals(0, serve(apic));
    assertEquals(1, serve(chips.apics.get(1)));
    entry(0x400, 1);
    line.pulse();
    assertTrue(chips.apics.get(1).takeNmi());
  }

  @Test
  void aPinBeyondTheChipIsOurMistake() {
    assertThrows(IllegalArgumentException.class, () -> gsis.line(24));
    assertThrows(IllegalArgumentException.class, () -> gsis.line(-1));
  }

  @Test
  void theFirstSixteenWiresGoToTheSamePin() {
    for (int pin = 0; pin < 16; pin++) {
      write(0x10 + 2 * pin, 0x60 + pin);
      gsis.line(pin).pulse();
      assertEquals(0x60 + pin, apic.acknowledge());
      apic.endOfInterrupt();
    }
  }

  @Test
  void nothingAGuestWritesBreaksIt() {
    for (int register = 0; register < 256; register++) {
      for (int size = 1; size <= 8; size++) {
        write(register, -1);
        ioApic.read(0x10, size);
        ioApic.read(register, size);
        ioApic.write(register, size, -1);
      }
    }
    assertEquals(0x0017_0011, read(1));
  }

  @Test
  void itsStateSurvivesItsBytes() {
    entry(VECTOR | LEVEL, 1);
    write(0, 5 << 24);
    line.raise();
    ioApic.write(0, 4, 0x12);
    byte[] saved = Chips.saved(ioApic);
    Chips others = Chips.enabled(2);
    IoApic other = new IoApic(others.bus);
    Chips.load(other, saved);
    assertEquals(0x12, other.read(0, 4));
    InterruptLine otherLine = new Gsis(other, Chips.pic(others.apic())).line(PIN);
    otherLine.raise(); // as the device does when it goes on
    assertEquals(0, serve(others.apics.get(1)), "the first one is not ended yet");
    other.write(0, 4, 0x10 + 2 * PIN);
    assertEquals(VECTOR | LEVEL | REMOTE_IRR, other.read(0x10, 4));
    others.bus.broadcastEndOfInterrupt(VECTOR);
    assertEquals(VECTOR, others.apics.get(1).acknowledge());
    otherLine.lower();
    others.apics.get(1).endOfInterrupt();
    assertEquals(VECTOR | LEVEL, other.read(0x10, 4));
    other.write(0, 4, 0);
    assertEquals(5 << 24, other.read(0x10, 4));
  }

  @Test
  void aLoadedEdgeDoesNotInterruptAgain() {
    entry(VECTOR, 0);
    line.raise();
    byte[] saved = Chips.saved(ioApic);
    Chips others = Chips.enabled(1);
    IoApic other = new IoApic(others.bus);
    Chips.load(other, saved);
    InterruptLine otherLine = new Gsis(other, Chips.pic(others.apic())).line(PIN);
    otherLine.raise();
    assertEquals(0, serve(others.apic()));
    otherLine.lower();
    otherLine.raise();
    assertEquals(1, serve(others.apic()));
  }

  @Test
  void aDamagedStateIsRefused() {
    byte[] saved = Chips.saved(ioApic);
    byte[] cut = java.util.Arrays.copyOf(saved, saved.length - 1);
    assertThrows(StateException.class, () -> Chips.load(ioApic, cut));
  }
}
