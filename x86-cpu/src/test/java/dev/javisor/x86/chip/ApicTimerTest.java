package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.Chips.TSC_PER_NANO;
import static dev.javisor.x86.chip.Chips.read;
import static dev.javisor.x86.chip.Chips.serve;
import static dev.javisor.x86.chip.Chips.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// The local APIC's timer (SDM 3A, 11.5.4), which ticks once a nanosecond before it is divided.
class ApicTimerTest {
  private static final int VECTOR = 0xEC;
  private static final int ONE_SHOT = VECTOR;
  private static final int PERIODIC = 1 << 17 | VECTOR;
  private static final int TSC_DEADLINE = 2 << 17 | VECTOR;
  private static final int BY_ONE = 0xB;
  private static final int BY_SIXTEEN = 0x3;
  private static final int MILLISECOND = 1_000_000;

  private final Chips chips = Chips.enabled(1);
  private final LocalApic apic = chips.apic();

  private void start(int lvt, int divide, int count) {
    write(apic, ApicRegisters.LVT_TIMER, lvt);
    write(apic, ApicRegisters.DIVIDE, divide);
    write(apic, ApicRegisters.INITIAL_COUNT, count);
  }

  private int count() {
    return read(apic, ApicRegisters.CURRENT_COUNT);
  }

  @Test
  void aOneShotCountsDownAndInterruptsOnce() {
    start(ONE_SHOT, BY_ONE, 1000);
    assertEquals(1000, count());
    chips.pass(1);
    assertEquals(999, count());
    chips.pass(998);
    assertEquals(1, count());
    assertEquals(-1, apic.deliverable());
    chips.pass(1);
    assertEquals(0, count());
    assertEquals(VECTOR, apic.acknowledge());
    apic.endOfInterrupt();
    chips.pass(MILLISECOND);
    assertEquals(-1, apic.deliverable());
    assertEquals(0, count());
    assertEquals(1000, read(apic, ApicRegisters.INITIAL_COUNT));
  }

  @Test
  void everyDividerDivides() {
    int[] dividers = {2, 4, 8, 16, 32, 64, 128, 1};
    for (int code = 0; code < 8; code++) {
      start(ONE_SHOT, (code & 3) | (code & 4) << 1, 10);
      chips.pass(3L * dividers[code] - 1);
      assertEquals(8, count(), "not before its tick");
      chips.pass(1);
      assertEquals(7, count(), "divided by " + dividers[code]);
      chips.pass(7L * dividers[code]);
      assertEquals(1, serve(apic));
    }
  }

  @Test
  void aNewCountStartsAnewAndZeroStops() {
    start(ONE_SHOT, BY_ONE, 1000);
    chips.pass(900);
    write(apic, ApicRegisters.INITIAL_COUNT, 1000);
    chips.pass(900);
    assertEquals(100, count());
    write(apic, ApicRegisters.INITIAL_COUNT, 0);
    assertEquals(0, count());
    chips.pass(MILLISECOND);
    assertEquals(0, serve(apic));
  }

  @Test
  void aRunningCountGoesOnWithANewDivider() {
    start(ONE_SHOT, BY_ONE, 1000);
    chips.pass(400);
    write(apic, ApicRegisters.DIVIDE, BY_SIXTEEN);
    assertEquals(600, count());
    chips.pass(599 * 16);
    assertEquals(1, count());
    assertEquals(0, serve(apic));
    chips.pass(16);
    assertEquals(1, serve(apic));
  }

  @Test
  void aPeriodComesAgainWithoutDrift() {
    start(PERIODIC, BY_ONE, MILLISECOND);
    int served = 0;
    for (int period = 1; period <= 100; period++) {
      long late = 1000L * (period % 7 + 1);
      chips.pass(period * (long) MILLISECOND + late - chips.time.nanoTime());
      served += serve(apic);
    }
    assertEquals(100, served);
    assertEquals(101L * MILLISECOND, chips.timers.nextDeadline(), "on the grid of the first write");
    assertEquals(101L * MILLISECOND - chips.time.nanoTime(), count());
  }

  @Test
  void missedPeriodsAreOneInterrupt() {
    start(PERIODIC, BY_ONE, MILLISECOND);
    chips.time.advance(10L * MILLISECOND + 300_000);
    assertEquals(1, chips.timers.runUntil(chips.time.nanoTime()));
    assertEquals(1, serve(apic));
    assertEquals(700_000, count());
    assertEquals(11L * MILLISECOND, chips.timers.nextDeadline());
  }

  @Test
  void aTinyPeriodDoesNotKeepTheHostBusy() {
    start(PERIODIC, BY_ONE, 1);
    int runs = 0;
    for (int i = 0; i < MILLISECOND / 100; i++) {
      chips.time.advance(100);
      runs += chips.timers.runUntil(chips.time.nanoTime());
    }
    assertTrue(runs <= 6, runs + " in a millisecond");
    assertEquals(1, count());
  }

  @Test
  void aMaskedTimerCountsInSilence() {
    start(PERIODIC | ApicRegisters.MASKED, BY_ONE, MILLISECOND);
    chips.pass(MILLISECOND);
    assertEquals(0, serve(apic));
    write(apic, ApicRegisters.LVT_TIMER, PERIODIC);
    assertEquals(0, serve(apic), "what expired meanwhile is lost");
    chips.pass(MILLISECOND);
    assertEquals(1, serve(apic));
  }

  @Test
  void aDeadlineInterruptsWhenTheTscGetsThere() {
    write(apic, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    apic.tscDeadline(1000 * TSC_PER_NANO + 1);
    assertEquals(1000 * TSC_PER_NANO + 1, apic.tscDeadline());
    chips.pass(1000);
    assertEquals(0, serve(apic));
    chips.pass(1);
    assertEquals(0, apic.tscDeadline(), "disarmed by its expiry");
    assertEquals(1, serve(apic));
  }

  @Test
  void aDeadlineInThePastInterruptsAtOnce() {
    chips.pass(1000);
    write(apic, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    apic.tscDeadline(1);
    assertEquals(VECTOR, apic.acknowledge());
    assertEquals(0, apic.tscDeadline());
    assertEquals(Timers.NEVER, chips.timers.nextDeadline());
  }

  @Test
  void deadlinesAreUnsignedAndMayBeFarAway() {
    write(apic, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    apic.tscDeadline(-1);
    assertEquals(0, serve(apic));
    chips.passExactly(TscClock.AHEAD_MAX);
    assertEquals(0, serve(apic));
    assertEquals(-1, apic.tscDeadline());
    long soon = chips.time.nanoTime() + 5;
    apic.tscDeadline(soon * TSC_PER_NANO);
    chips.pass(5);
    assertEquals(1, serve(apic));
  }

  @Test
  void aDeadlineMovesWithTheTsc() {
    long[] ahead = {0};
    TscClock clock =
        new TscClock() {
          @Override
          public long tscOfNanos(long nanos) {
            return nanos + ahead[0];
          }

          @Override
          public long nanosOfTsc(long tsc) {
            return tsc - ahead[0];
          }
        };
    LocalApic other = new LocalApic(1, 40, chips.bus, chips.timers, clock, () -> {});
    write(other, ApicRegisters.SVR, Chips.ENABLED);
    write(other, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    other.tscDeadline(1000);
    ahead[0] = 600;
    other.tscMoved();
    chips.pass(399);
    assertEquals(0, serve(other));
    chips.pass(1);
    assertEquals(1, serve(other));
  }

  @Test
  void eachModeIgnoresTheOthersRegister() {
    write(apic, ApicRegisters.LVT_TIMER, ONE_SHOT);
    apic.tscDeadline(1);
    assertEquals(0, apic.tscDeadline());
    write(apic, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    write(apic, ApicRegisters.INITIAL_COUNT, 100);
    assertEquals(0, read(apic, ApicRegisters.INITIAL_COUNT));
    assertEquals(0, count());
    chips.pass(MILLISECOND);
    assertEquals(0, serve(apic));
  }

  @Test
  void whatIsDueComesBeforeWhatIsProgrammed() {
    start(ONE_SHOT, BY_ONE, 1000);
    chips.time.advance(1000); // nobody ran the timers
    write(apic, ApicRegisters.INITIAL_COUNT, 1000);
    assertEquals(1, serve(apic));
    chips.time.advance(1000);
    write(apic, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    assertEquals(1, serve(apic));
    apic.tscDeadline(chips.time.nanoTime() * TSC_PER_NANO + 1);
    chips.time.advance(1);
    apic.tscDeadline(Long.MAX_VALUE);
    assertEquals(1, serve(apic));
    start(PERIODIC, BY_ONE, MILLISECOND);
    chips.time.advance(MILLISECOND + 1);
    write(apic, ApicRegisters.DIVIDE, BY_SIXTEEN);
    assertEquals(1, serve(apic));
  }

  @Test
  void aChangeOfModeDisarms() {
    write(apic, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    apic.tscDeadline(1000);
    write(apic, ApicRegisters.LVT_TIMER, ONE_SHOT);
    write(apic, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    assertEquals(0, apic.tscDeadline());
    start(PERIODIC, BY_ONE, MILLISECOND);
    write(apic, ApicRegisters.LVT_TIMER, TSC_DEADLINE);
    chips.pass(10L * MILLISECOND);
    assertEquals(0, serve(apic));
  }

  @Test
  void theReservedModeIsNoTrouble() {
    start(3 << 17 | VECTOR, BY_ONE, 1000);
    chips.pass(1000);
    assertEquals(0, count());
  }

  @Test
  void aResetStopsIt() {
    start(PERIODIC, BY_ONE, MILLISECOND);
    apic.reset();
    assertEquals(Timers.NEVER, chips.timers.nextDeadline());
    assertEquals(0, count());
  }
}
