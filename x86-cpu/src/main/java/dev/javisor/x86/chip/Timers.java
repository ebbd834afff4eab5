package dev.javisor.x86.chip;

import dev.javisor.vmm.backend.TimeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/// What is due when. Chips arm deadlines, absolute values of [TimeSource#nanoTime]; the engine runs
/// them: a sleeping thread in wall time, the vCPU's thread at an exact instruction in virtual time.
/// Any thread. Actions run without the lock, so one may run just after its timer was cancelled or
/// set anew: chips look at their own deadline again.
public final class Timers {
  /// The deadline of a timer that is not armed.
  public static final long NEVER = Long.MAX_VALUE;

  /// Ends a [#runUntil] in which an action keeps arming what is due already.
  static final int RUNS_MAX = 10_000;

  private final TimeSource time;
  private final List<Timer> all = new ArrayList<>();
  private final TreeSet<Timer> armed =
      new TreeSet<>(
          Comparator.comparingLong((Timer timer) -> timer.deadlineNanos)
              .thenComparingInt(timer -> timer.number));
  private volatile long nextDeadline = NEVER;
  private volatile Runnable earlier = () -> {};

  public Timers(TimeSource time) {
    this.time = time;
  }

  /// One deadline of one chip. Equal deadlines run in the order in which their timers were made.
  public static final class Timer {
    private final String name;
    private final int number;
    private final LongConsumer action;
    private long deadlineNanos = NEVER;

    private Timer(String name, int number, LongConsumer action) {
      this.name = name;
      this.number = number;
      this.action = action;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// @param action given the time that [#runUntil] was told
  public synchronized Timer create(String name, LongConsumer action) {
    Timer timer = new Timer(name, all.size(), action);
    all.add(timer);
    return timer;
  }

  /// Calls `callback` whenever the next deadline has become an earlier one, on the thread that set
  /// it, which may hold a chip's lock: it wakes the sleeper and does nothing else.
  public void onEarlier(Runnable callback) {
    earlier = callback;
  }

  public long now() {
    return time.nanoTime();
  }

  /// Arms `timer`, or moves it.
  public void set(Timer timer, long deadlineNanos) {
    boolean sooner;
    synchronized (this) {
      long before = nextDeadline;
      disarm(timer);
      timer.deadlineNanos = Math.min(deadlineNanos, NEVER - 1);
      armed.add(timer);
      nextDeadline = armed.getFirst().deadlineNanos;
      sooner = nextDeadline < before;
    }
    if (sooner) {
      earlier.run();
    }
  }

  /// No effect when not armed.
  public synchronized void cancel(Timer timer) {
    disarm(timer);
    nextDeadline = armed.isEmpty() ? NEVER : armed.getFirst().deadlineNanos;
  }

  private void disarm(Timer timer) {
    if (timer.deadlineNanos != NEVER) {
      armed.remove(timer);
      timer.deadlineNanos = NEVER;
    }
  }

  /// The earliest, or [#NEVER]. One volatile load.
  public long nextDeadline() {
    return nextDeadline;
  }

  /// Runs what is due at `nowNanos`, earliest first, and says how many that were.
  public int runUntil(long nowNanos) {
    int runs = 0;
    while (nextDeadline <= nowNanos && runs < RUNS_MAX) {
      LongConsumer action = takeDue(nowNanos);
      action.accept(nowNanos);
      runs++;
    }
    return runs;
  }

  private synchronized LongConsumer takeDue(long nowNanos) {
    if (armed.isEmpty() || armed.getFirst().deadlineNanos > nowNanos) {
      return _ -> {}; // cancelled since the look at nextDeadline
    }
    Timer due = armed.getFirst();
    cancel(due);
    return due.action;
  }
}
