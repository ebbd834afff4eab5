package dev.javisor.x86.chip;

/// The 8254's clock, 105/88 MHz, without overflow for as long as nanoseconds last.
final class PitClock {
  static final long HERTZ = 1_193_182;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private PitClock() {}

  /// Whole ticks in `nanos`.
  static long ticks(long nanos) {
    return nanos / SECOND_NANOS * HERTZ + nanos % SECOND_NANOS * HERTZ / SECOND_NANOS;
  }

  /// After how many nanoseconds [#ticks] first gives `ticks`.
  static long nanos(long ticks) {
    return ticks / HERTZ * SECOND_NANOS + Math.ceilDiv(ticks % HERTZ * SECOND_NANOS, HERTZ);
  }
}
