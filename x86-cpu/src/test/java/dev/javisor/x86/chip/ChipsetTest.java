package dev.javisor.x86.chip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.vmm.bus.Bus;
import org.junit.jupiter.api.Test;

/// The chips where a PC has them, programmed through the buses.
class ChipsetTest {
  private static final long IO_APIC = 0xFEC0_0000L;

  private final Chips chips = new Chips(0);
  private final Chipset set = new Chipset(chips.timers);
  private final LocalApic apic = join(set);
  private final Bus ports = new Bus("port");
  private final Bus mmio = new Bus("mmio");

  ChipsetTest() {
    set.attach(ports, mmio);
    ports.freeze();
    mmio.freeze();
  }

  private LocalApic join(Chipset to) {
    LocalApic joined = new LocalApic(0, 40, to.apics(), chips.timers, Chips.TSC, () -> {});
    Chips.write(joined, ApicRegisters.SVR, Chips.ENABLED);
    joined.wireThrough();
    to.bootProcessor(joined);
    return joined;
  }

  private void out(int port, int... values) {
    for (int value : values) {
      ports.write(port, 1, value);
    }
  }

  private void redirect(int pin, int entry) {
    mmio.write(IO_APIC, 4, 0x10 + 2 * pin);
    mmio.write(IO_APIC + 0x10, 4, entry);
  }

  private void startPics() {
    out(0x20, 0x11);
    out(0x21, 0x30, 0x04, 0x01);
    out(0xA0, 0x11);
    out(0xA1, 0x38, 0x02, 0x01);
  }

  private void startTimer() {
    out(0x43, 0x34);
    out(0x40, 0xE8, 0x03);
  }

  @Test
  void theTimerInterruptsThroughThePics() {
    startPics();
    startTimer();
    chips.pass(PitClock.nanos(1000));
    assertEquals(0x30, apic.acknowledge());
  }

  @Test
  void theTimerInterruptsThroughPinZero() {
    redirect(0, 0x77);
    startTimer();
    chips.pass(PitClock.nanos(1000));
    Chips.write(apic, ApicRegisters.LVT_LINT0, ApicRegisters.MASKED);
    assertEquals(0x77, apic.acknowledge());
  }

  @Test
  void everyChipIsAtItsAddress() {
    out(0x4D1, 0xFF);
    assertEquals(0xDE, ports.read(0x4D1, 1));
    out(0x61, 3);
    assertEquals(3, ports.read(0x61, 1) & 3);
    assertEquals(0x3A, secondPicsVector());
    redirect(20, 0x55);
    set.line(20).pulse();
    assertEquals(0x55, apic.acknowledge());
    assertThrows(IllegalArgumentException.class, () -> set.line(24));
  }

  private int secondPicsVector() {
    startPics();
    set.line(10).raise();
    set.line(10).lower(); // a level by now
    set.line(10).raise();
    int vector = apic.acknowledge();
    set.line(10).lower();
    return vector;
  }

  @Test
  void aPicAsksTheProcessorThatIsConnectedLater() {
    startPics();
    set.line(4).raise();
    LocalApic late = join(set);
    assertEquals(0x34, late.acknowledge());
  }

  @Test
  void whatTheTimerOwesIsInTheSavedControllers() {
    startPics();
    startTimer();
    chips.time.advance(PitClock.nanos(1000)); // nobody ran the timers
    Chipset other = new Chipset(new Timers(chips.time));
    LocalApic otherApic = join(other);
    Chips.load(other, Chips.saved(set));
    assertEquals(0x30, otherApic.acknowledge());
  }
}
