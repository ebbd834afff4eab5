package dev.javisor.x86.chip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.javisor.testkit.fake.ManualTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TimersTest {
  private final Timers timers = new Timers(new ManualTime(Instant.EPOCH));
  private final List<String> ran = new ArrayList<>();

  private Timers.Timer timer(String name) {
    return timers.create(name, now -> ran.add(name + "@" + now));
  }

  @Test
  void theEarliestRunsFirstAndOnlyWhatIsDue() {
    Timers.Timer a = timer("a");
    Timers.Timer b = timer("b");
    Timers.Timer c = timer("c");
    timers.set(a, 30);
    timers.set(b, 10);
    timers.set(c, 31);
    assertEquals(2, timers.runUntil(30));
    assertEquals(List.of("b@30", "a@30"), ran);
    assertEquals(31, timers.nextDeadline());
  }

  @Test
  void equalDeadlinesRunInTheOrderTheirTimersWereMade() {
    Timers.Timer a = timer("a");
    Timers.Timer b = timer("b");
    Timers.Timer c = timer("c");
    timers.set(c, 5);
    timers.set(a, 5);
    timers.set(b, 5);
    timers.runUntil(5);
    assertEquals(List.of("a@5", "b@5", "c@5"), ran);
  }

  @Test
  void aTimerRunsOncePerSetting() {
    Timers.Timer a = timer("a");
    timers.set(a, 5);
    timers.set(a, 7);
    assertEquals(0, timers.runUntil(6));
    assertEquals(1, timers.runUntil(7));
    assertEquals(0, timers.runUntil(100));
    assertEquals(Timers.NEVER, timers.nextDeadline());
  }

  @Test
  void aCancelledTimerDoesNotRun() {
    Timers.Timer a = timer("a");
    timers.set(a, 5);
    timers.cancel(a);
    timers.cancel(a);
    assertEquals(Timers.NEVER, timers.nextDeadline());
    assertEquals(0, timers.runUntil(5));
  }

  @Test
  void onlyAnEarlierDeadlineWakesTheSleeper() {
    AtomicInteger woken = new AtomicInteger();
    timers.onEarlier(woken::incrementAndGet);
    Timers.Timer a = timer("a");
    Timers.Timer b = timer("b");
    timers.set(a, 50);
    assertEquals(1, woken.get());
    timers.set(b, 60);
    timers.set(a, 55);
    assertEquals(1, woken.get());
    timers.set(b, 54);
    assertEquals(2, woken.get());
  }

  @Test
  void actionsMaySetTimersAndHoldNoLock() throws InterruptedException {
    AtomicReference<Timers.Timer> again = new AtomicReference<>();
    AtomicReference<Boolean> locked = new AtomicReference<>(true);
    again.set(
        timers.create(
            "again",
            now -> {
              locked.set(Thread.holdsLock(timers));
              timers.set(again.get(), now + 10);
            }));
    timers.set(again.get(), 1);
    assertEquals(1, timers.runUntil(5));
    assertFalse(locked.get());
    assertEquals(15, timers.nextDeadline());
  }

  @Test
  void anActionThatStaysDueDoesNotRunForEver() {
    AtomicReference<Timers.Timer> again = new AtomicReference<>();
    again.set(timers.create("again", now -> timers.set(again.get(), now)));
    timers.set(again.get(), 1);
    assertEquals(Timers.RUNS_MAX, timers.runUntil(1));
  }
}
