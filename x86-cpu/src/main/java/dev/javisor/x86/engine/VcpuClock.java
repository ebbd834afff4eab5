package dev.javisor.x86.engine;

import dev.javisor.vmm.machine.TimeSource;
import dev.javisor.x86.chip.TscClock;

/// A vCPU's time-stamp counter: nanoseconds of the machine's clock since the machine was made, plus
/// what the guest has written. Its rate is 1 GHz.
final class VcpuClock implements TscClock {
  static final int KHZ = 1_000_000;

  private final TimeSource time;
  private final long origin;
  private volatile long offset;

  VcpuClock(TimeSource time) {
    this.time = time;
    this.origin = time.nanoTime();
  }

  @Override
  public long tscOfNanos(long nanos) {
    return nanos - origin + offset;
  }

  @Override
  public long nanosOfTsc(long tsc) {
    return tsc - offset + origin;
  }

  long now() {
    return tscOfNanos(time.nanoTime());
  }

  /// Makes it stand at `tsc` now.
  void set(long tsc) {
    offset = tsc - (time.nanoTime() - origin);
  }

  long wallClockNanos() {
    return time.wallClockNanos();
  }
}
