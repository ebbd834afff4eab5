package dev.javisor.x86.chip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.fake.RecordingLine;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.state.StateException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// The interval timer (8254 data sheet) as Linux drives it.
class PitTest {
  private static final int CONTROL = 3;
  private static final int OUT = 0x20;

  private final Chips chips = new Chips(0);
  private final RecordingLine irq0 = new RecordingLine();
  private final Pit pit = new Pit(chips.timers, irq0);
  private final Device speaker = pit.speaker();

  private void write(int port, int value) {
    pit.write(port, 1, value);
  }

  /// Low byte, high byte, binary.
  private void start(int counter, int mode, int count) {
    write(CONTROL, counter << 6 | 0x30 | mode << 1);
    write(counter, count & 0xFF);
    write(counter, count >>> 8 & 0xFF);
  }

  private int read(int counter) {
    int low = (int) pit.read(counter, 1);
    return (int) pit.read(counter, 1) << 8 | low;
  }

  /// Latches first.
  private int count(int counter) {
    write(CONTROL, counter << 6);
    return read(counter);
  }

  private void passTicks(long ticks) {
    chips.pass(PitClock.nanos(ticks));
  }

  private boolean out() {
    return (speaker.read(0, 1) & OUT) != 0;
  }

  @Test
  void itsClockDoesNotOverflow() {
    assertEquals(1_193_182, PitClock.ticks(1_000_000_000L));
    for (long ticks : new long[] {1, 2, 3, 1_193_181, 1_193_182, 1_193_183, 1L << 50}) {
      assertEquals(ticks, PitClock.ticks(PitClock.nanos(ticks)));
      assertEquals(ticks - 1, PitClock.ticks(PitClock.nanos(ticks) - 1));
    }
  }

  @Test
  void modeTwoCountsAndInterruptsEachPeriod() {
    start(0, 2, 1000);
    assertEquals(1000, count(0));
    passTicks(1);
    assertEquals(999, count(0));
    passTicks(998);
    assertEquals(1, count(0));
    assertEquals(0, irq0.edges());
    passTicks(1);
    assertEquals(1000, count(0));
    assertEquals(1, irq0.edges());
    passTicks(1000);
    assertEquals(2, irq0.edges());
    assertFalse(irq0.high());
  }

  @Test
  void periodsDoNotDrift() {
    start(0, 2, 11_932); // as HZ=100
    int before = irq0.edges();
    chips.passExactly(10_000_000_000L);
    assertEquals(10L * PitClock.HERTZ / 11_932, irq0.edges() - before);
  }

  @Test
  void missedPeriodsAreOneInterrupt() {
    start(0, 2, 1000);
    passTicks(10_500);
    assertEquals(1, irq0.edges());
    assertEquals(PitClock.nanos(11_000), chips.timers.nextDeadline());
  }

  @Test
  void aTinyPeriodDoesNotKeepTheHostBusy() {
    start(0, 2, 2);
    chips.passExactly(1_000_000);
    assertTrue(irq0.edges() <= 6, irq0.edges() + " in a millisecond");
    start(0, 3, 1);
    read(0);
    chips.passExactly(1_000_000);
    assertTrue(irq0.edges() <= 12);
  }

  @Test
  void modeZeroInterruptsOnceAndCountsOn() {
    start(0, 0, 100);
    passTicks(100);
    assertEquals(1, irq0.edges());
    assertEquals(0, count(0));
    passTicks(1);
    assertEquals(0xFFFF, count(0));
    passTicks(100_000);
    assertEquals(1, irq0.edges());
  }

  @Test
  void modeFourInterruptsOnce() {
    start(0, 4, 100);
    passTicks(99);
    assertEquals(0, irq0.edges());
    passTicks(1);
    assertEquals(1, irq0.edges());
    passTicks(100_000);
    assertEquals(1, irq0.edges());
    start(0, 4, 50);
    passTicks(50);
    assertEquals(2, irq0.edges());
  }

  @Test
  void modeThreeCountsByTwos() {
    start(0, 3, 100);
    passTicks(10);
    assertEquals(80, count(0));
    passTicks(50);
    assertEquals(80, count(0), "the other half");
    passTicks(40);
    assertEquals(1, irq0.edges());
  }

  @Test
  void zeroIsTheLongestCount() {
    start(0, 2, 0);
    passTicks(1);
    assertEquals(0xFFFF, count(0));
    passTicks(65_534);
    assertEquals(0, irq0.edges());
    passTicks(1);
    assertEquals(1, irq0.edges());
  }

  @Test
  void aControlWordStopsUntilItsCountIsThere() {
    start(0, 2, 100);
    write(CONTROL, 0x34);
    passTicks(1000);
    assertEquals(0, irq0.edges());
    write(0, 100);
    passTicks(1000);
    assertEquals(0, irq0.edges(), "half a count is none");
    write(0, 0);
    passTicks(100);
    assertEquals(1, irq0.edges());
  }

  @Test
  void oneByteOfACountIsEnoughIfItSaysSo() {
    write(CONTROL, 0x14); // low byte
    write(0, 200);
    assertEquals(200, pit.read(0, 1));
    assertEquals(200, pit.read(0, 1));
    write(CONTROL, 0x24); // high byte
    write(0, 2);
    assertEquals(2, pit.read(0, 1));
    passTicks(1);
    assertEquals(1, pit.read(0, 1), "511");
    passTicks(511);
    assertEquals(1, irq0.edges());
  }

  @Test
  void aLatchedCountStandsStillUntilItIsRead() {
    start(0, 2, 1000);
    passTicks(10);
    write(CONTROL, 0x00);
    passTicks(10);
    write(CONTROL, 0x00); // ignored
    assertEquals(990, read(0));
    assertEquals(980, read(0));
  }

  @Test
  void readBackLatchesStatusAndCountOfSeveral() {
    start(0, 2, 1000);
    start(2, 0, 500);
    speaker.write(0, 1, 1);
    passTicks(10);
    write(CONTROL, 0xC0 | 2 | 8); // both of counters 0 and 2
    passTicks(10);
    assertEquals(0x80 | 0x34, pit.read(0, 1), "status first");
    assertEquals(990, read(0));
    assertEquals(0x30, pit.read(2, 1), "output low");
    assertEquals(490, read(2));
    write(CONTROL, 0xE2); // status alone
    write(CONTROL, 0xD8); // count alone
    passTicks(10);
    assertEquals(0x80 | 0x34, pit.read(0, 1));
    assertEquals(970, read(0));
    assertEquals(480, read(2));
    write(CONTROL, 0x36);
    write(CONTROL, 0xE2);
    assertEquals(0x80 | 0x40 | 0x36, pit.read(0, 1), "no count yet");
  }

  @Test
  void decimalCountsAreDecimal() {
    write(CONTROL, 0x35);
    write(0, 0x00);
    write(0, 0x10);
    passTicks(1);
    assertEquals(0x0999, count(0));
    passTicks(999);
    assertEquals(1, irq0.edges());
    write(CONTROL, 0x31);
    write(0, 0xFF); // no decimal digits
    write(0, 0xFF);
    passTicks(10_000);
    assertEquals(2, irq0.edges());
  }

  /// As Linux calibrates the TSC (`pit_calibrate_tsc`): mode 0, gate open, then it polls OUT.
  @Test
  void thePollOfTheSpeakersPortSeesTheTerminalCount() {
    speaker.write(0, 1, (speaker.read(0, 1) & ~2) | 1);
    start(2, 0, 0x1234);
    assertFalse(out());
    passTicks(0x1233);
    assertFalse(out());
    passTicks(1);
    assertTrue(out());
    assertEquals(0, irq0.edges());
  }

  @Test
  void theGateHoldsModeZeroAndRestartsModeTwo() {
    speaker.write(0, 1, 1);
    start(2, 0, 1000);
    passTicks(100);
    speaker.write(0, 1, 0);
    passTicks(100);
    assertEquals(900, count(2));
    speaker.write(0, 1, 1);
    passTicks(100);
    assertEquals(800, count(2));
    start(2, 2, 1000);
    passTicks(999);
    assertFalse(out());
    speaker.write(0, 1, 0);
    assertTrue(out());
    speaker.write(0, 1, 1);
    assertEquals(1000, count(2));
  }

  @Test
  void theGateStartsModeOne() {
    speaker.write(0, 1, 1);
    start(2, 1, 100);
    passTicks(50);
    assertTrue(out());
    speaker.write(0, 1, 0);
    speaker.write(0, 1, 1);
    assertFalse(out());
    passTicks(99);
    assertFalse(out());
    speaker.write(0, 1, 0);
    assertFalse(out(), "it only starts");
    passTicks(1);
    assertTrue(out());
  }

  @Test
  void theSpeakersPortKeepsItsBitsAndShowsRefresh() {
    speaker.write(0, 1, 0xFF);
    assertEquals(3, speaker.read(0, 1) & 0xCF);
    long before = speaker.read(0, 1) & 0x10;
    chips.pass(1 << 14);
    assertEquals(before ^ 0x10, speaker.read(0, 1) & 0x10);
    speaker.write(0, 1, 0);
    assertEquals(0, speaker.read(0, 1) & 3);
  }

  @Test
  void itsStateSurvivesItsBytes() {
    speaker.write(0, 1, 3);
    start(0, 2, 1000);
    start(2, 0, 5000);
    passTicks(1300);
    write(CONTROL, 0x80); // latch of counter 2, not read
    write(CONTROL, 0x70);
    write(1, 7); // half a count
    byte[] saved = Chips.saved(pit);

    Chips later = new Chips(0);
    later.time.advance(123_456_789);
    RecordingLine line = new RecordingLine();
    Pit other = new Pit(later.timers, line);
    Chips.load(other, saved);
    assertEquals(3, other.speaker().read(0, 1) & 3);
    later.pass(PitClock.nanos(699));
    assertEquals(5000 - 1300, other.read(2, 1) | other.read(2, 1) << 8);
    assertEquals(0, line.edges());
    later.pass(PitClock.nanos(2));
    assertEquals(1, line.edges());
    later.passExactly(PitClock.nanos(10_000));
    assertEquals(11, line.edges());
    other.write(1, 1, 0);
    assertEquals(7, other.read(1, 1));
  }

  @Test
  void whatIsDueComesBeforeWhatIsProgrammed() {
    start(0, 4, 100);
    chips.time.advance(PitClock.nanos(100)); // nobody ran the timers
    start(0, 4, 100);
    assertEquals(1, irq0.edges());
  }

  @Test
  void whatIsDueIsNotLostByASave() {
    start(0, 0, 100);
    chips.time.advance(PitClock.nanos(100)); // nobody ran the timers
    byte[] saved = Chips.saved(pit);
    assertEquals(1, irq0.edges());
    RecordingLine line = new RecordingLine();
    Pit other = new Pit(chips.timers, line);
    Chips.load(other, saved);
    chips.pass(1_000_000_000L);
    assertEquals(0, line.edges());
  }

  @Test
  void nonsenseIsRefused() {
    byte[] saved = Chips.saved(pit);
    int fields = 2 + "i8254".length() + 12;
    byte[] mode = saved.clone();
    mode[fields] = 6;
    assertThrows(StateException.class, () -> Chips.load(pit, mode));
    byte[] count = saved.clone();
    Arrays.fill(count, fields + 4, fields + 8, (byte) 0);
    assertThrows(StateException.class, () -> Chips.load(pit, count));
  }

  @Test
  void nothingAGuestWritesBreaksIt() {
    for (int word = 0; word < 256; word++) {
      for (int count : new int[] {0, 1, 2, 3, 0x99, 0xFF}) {
        write(CONTROL, word);
        for (int port = 0; port < 3; port++) {
          write(port, count);
          write(port, count >>> 4);
        }
        speaker.write(0, 1, word);
        passTicks(count);
        for (int port = 0; port < 4; port++) {
          assertTrue((pit.read(port, 1) & ~0xFFL) == 0);
          assertTrue((pit.read(port, 1) & ~0xFFL) == 0);
          pit.read(port, 4);
          pit.write(port, 2, -1);
        }
        speaker.read(0, 1);
      }
    }
  }
}
