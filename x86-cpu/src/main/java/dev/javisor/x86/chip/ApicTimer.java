package dev.javisor.x86.chip;

/// The timer of one local APIC (SDM 3A, 11.5.4): counts down once or periodically, or waits for the
/// time-stamp counter. Its clock ticks once a nanosecond, as KVM's does. The vCPU's thread programs
/// it, whoever runs [Timers] expires it; one lock.
final class ApicTimer {
  static final int ONE_SHOT = 0;
  static final int PERIODIC = 1;
  static final int TSC_DEADLINE = 2;

  /// Between two periodic expiries, so that a guest cannot keep the host busy; KVM's
  /// `min_timer_period_us`. Shorter periods count as programmed and interrupt at a multiple.
  static final long PERIOD_NANOS_MIN = 200_000;

  private static final int MODE_SHIFT = 17;
  private static final long NOT_RUNNING = Timers.NEVER;

  private final Timers timers;
  private final Timers.Timer timer;
  private final TscClock tsc;
  private final Runnable expired;

  private int mode = ONE_SHOT;
  private int divide;
  private long initialCount;

  /// When the count is, was or will be 0; in periodic mode one such moment.
  private long zeroAt = NOT_RUNNING;

  private long tscDeadline;

  /// @param expired called without the lock
  ApicTimer(String name, Timers timers, TscClock tsc, Runnable expired) {
    this.timers = timers;
    this.timer = timers.create(name, this::expire);
    this.tsc = tsc;
    this.expired = expired;
  }

  synchronized void reset() {
    mode = ONE_SHOT;
    divide = 0;
    stop();
  }

  private void stop() {
    timers.cancel(timer);
    initialCount = 0;
    zeroAt = NOT_RUNNING;
    tscDeadline = 0;
  }

  /// Takes the mode from the LVT entry. A change from or to TSC deadline disarms.
  void lvt(int entry) {
    expireNow();
    takeMode(entry);
  }

  private synchronized void takeMode(int entry) {
    int newMode = entry >>> MODE_SHIFT & 3;
    if ((mode == TSC_DEADLINE) != (newMode == TSC_DEADLINE)) {
      stop();
    }
    mode = newMode;
  }

  /// Starts counting; 0 stops. Nothing in TSC-deadline mode.
  void initialCount(int count) {
    expireNow();
    start(count);
  }

  private synchronized void start(int count) {
    if (mode == TSC_DEADLINE) {
      return;
    }
    stop();
    initialCount = Integer.toUnsignedLong(count);
    if (initialCount != 0) {
      arm(timers.now() + period());
    }
  }

  synchronized int initialCount() {
    return (int) initialCount;
  }

  private void arm(long zero) {
    zeroAt = zero;
    timers.set(timer, zero);
  }

  private long period() {
    return initialCount * tickNanos();
  }

  /// Bits 0, 1 and 3: divide by 2, 4 .. 128, 1.
  private long tickNanos() {
    int code = (divide & 3) | ((divide >>> 1) & 4);
    return code == 7 ? 1 : 2L << code;
  }

  synchronized int currentCount() {
    return (int) countAt(timers.now());
  }

  private long countAt(long now) {
    if (zeroAt == NOT_RUNNING) {
      return 0;
    }
    long left = zeroAt - now;
    if (mode == PERIODIC) {
      left = Math.floorMod(left - 1, period()) + 1;
    }
    return Math.ceilDiv(Math.max(left, 0), tickNanos());
  }

  /// A running count goes on from where it stands, at its new speed.
  void divide(int configuration) {
    expireNow();
    changeSpeed(configuration);
  }

  private synchronized void changeSpeed(int configuration) {
    long now = timers.now();
    long count = countAt(now);
    divide = configuration;
    if (count != 0) {
      arm(now + count * tickNanos());
    }
  }

  synchronized int divide() {
    return divide;
  }

  /// 0 in other modes (SDM 3A, 11.5.4.1).
  synchronized long tscDeadline() {
    return tscDeadline;
  }

  /// Arms; 0 disarms. Ignored in other modes. A deadline in the past expires at once.
  void tscDeadline(long deadline) {
    if (setTscDeadline(deadline)) {
      expired.run();
    }
  }

  private synchronized boolean setTscDeadline(long deadline) {
    if (mode != TSC_DEADLINE) {
      return false;
    }
    long now = timers.now();
    boolean late = takeTscDeadline(tsc.tscOfNanos(now));
    timers.cancel(timer);
    tscDeadline = deadline;
    return armTscDeadline(now) || late;
  }

  /// To be called when the TSC was written: the deadline is now at another time.
  void tscMoved() {
    tscDeadline(tscDeadline());
  }

  /// Whether it is reached, and so disarmed.
  private boolean takeTscDeadline(long tscNow) {
    boolean reached = tscDeadline != 0 && Long.compareUnsigned(tscNow, tscDeadline) >= 0;
    if (reached) {
      tscDeadline = 0;
    }
    return reached;
  }

  /// Waits for it; true if it is reached already.
  private boolean armTscDeadline(long now) {
    long tscNow = tsc.tscOfNanos(now);
    if (takeTscDeadline(tscNow)) {
      return true;
    }
    if (tscDeadline != 0) {
      long ahead = tscDeadline - tscNow;
      boolean far = Long.compareUnsigned(ahead, TscClock.AHEAD_MAX) > 0;
      long at = tsc.nanosOfTsc(tscNow + (far ? TscClock.AHEAD_MAX : ahead));
      timers.set(timer, Math.max(at, now + 1));
    }
    return false;
  }

  /// Expires it if it is due at `now`. Any thread.
  void expire(long now) {
    if (due(now)) {
      expired.run();
    }
  }

  /// What is due comes before what is programmed or looked at now, even if nobody ran it yet.
  void expireNow() {
    expire(timers.now());
  }

  private synchronized boolean due(long now) {
    if (mode == TSC_DEADLINE) {
      return armTscDeadline(now);
    }
    if (zeroAt > now) {
      return false; // stopped or started anew meanwhile
    }
    if (mode == PERIODIC) {
      arm(nextZero(now));
    } else {
      zeroAt = NOT_RUNNING;
    }
    return true;
  }

  /// On the grid of periods, so that lateness does not add up; missed periods are one interrupt.
  private long nextZero(long now) {
    long period = period();
    long missed = (now - zeroAt) / period;
    return zeroAt + period * Math.max(missed + 1, Math.ceilDiv(PERIOD_NANOS_MIN, period));
  }

  /// Goes on as [#currentCount] said of another one. A TSC deadline follows by [#tscDeadline].
  synchronized void restore(int lvtEntry, int divideConfiguration, int initial, int current) {
    stop();
    takeMode(lvtEntry);
    divide = divideConfiguration;
    if (mode == TSC_DEADLINE) {
      return;
    }
    initialCount = Integer.toUnsignedLong(initial);
    long count = Math.min(Integer.toUnsignedLong(current), initialCount);
    if (mode == PERIODIC && count == 0) {
      count = initialCount;
    }
    if (count != 0) {
      arm(timers.now() + count * tickNanos());
    }
  }
}
