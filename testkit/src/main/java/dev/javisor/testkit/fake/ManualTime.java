package dev.javisor.testkit.fake;

import dev.javisor.vmm.backend.TimeSource;
import java.time.Instant;

/// A clock that stands still until it is moved. Any thread.
public final class ManualTime implements TimeSource {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private volatile long nanos;
  private volatile long wallClockNanos;

  public ManualTime(Instant wallClock) {
    this.wallClockNanos = wallClock.getEpochSecond() * SECOND_NANOS + wallClock.getNano();
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public long wallClockNanos() {
    return wallClockNanos;
  }

  /// Lets `passed` nanoseconds go by on both clocks.
  public synchronized void advance(long passed) {
    nanos += passed;
    wallClockNanos += passed;
  }
}
