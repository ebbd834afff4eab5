package dev.javisor.x86.engine;

import dev.javisor.vmm.backend.TimeSource;
import dev.javisor.x86.chip.TscClock;

/// A vCPU's time-stamp counter: it goes by the machine's clock since the machine was made, and
/// stands higher by what the guest has written. Its rate is 1 GHz, or that of the processor whose
/// saved state it goes on from.
final class VcpuClock implements TscClock {
  static final int KHZ = 1_000_000;

  /// Slower or faster than any processor.
  private static final int KHZ_MIN = 100_000;

  private static final int KHZ_MAX = 10_000_000;

  private final TimeSource time;
  private final long origin;
  private volatile int khz = KHZ;
  private volatile long offset;

  VcpuClock(TimeSource time) {
    this.time = time;
    this.origin = time.nanoTime();
  }

  /// Whether a counter of that rate can be gone on with.
  static boolean canRunAt(int khz) {
    return khz >= KHZ_MIN && khz <= KHZ_MAX;
  }

  int khz() {
    return khz;
  }

  /// Another rate; what the counter shows is to be set anew.
  void khz(int newKhz) {
    khz = newKhz;
  }

  @Override
  public long tscOfNanos(long nanos) {
    return scaled(nanos - origin, khz, KHZ) + offset;
  }

  @Override
  public long nanosOfTsc(long tsc) {
    long ticks = tsc - offset;
    long nanos = scaled(ticks, KHZ, khz);
    return (scaled(nanos, khz, KHZ) < ticks ? nanos + 1 : nanos) + origin;
  }

  /// `value * multiplier / divisor`, rounded down, without an overflow on the way.
  private static long scaled(long value, int multiplier, int divisor) {
    return multiplier == divisor
        ? value
        : Math.floorDiv(value, divisor) * multiplier
            + Math.floorMod(value, divisor) * (long) multiplier / divisor;
  }

  long now() {
    return tscOfNanos(time.nanoTime());
  }

  /// Makes it stand at `tsc` now.
  void set(long tsc) {
    offset = tsc - scaled(time.nanoTime() - origin, khz, KHZ);
  }

  long wallClockNanos() {
    return time.wallClockNanos();
  }
}
