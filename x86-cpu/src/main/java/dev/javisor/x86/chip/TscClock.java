package dev.javisor.x86.chip;

/// How one vCPU's time-stamp counter relates to the machine's clock. Any thread.
public interface TscClock {

  /// The counter at `nanos` of [dev.javisor.vmm.backend.TimeSource#nanoTime].
  long tscOfNanos(long nanos);

  /// When the counter first stands at `tsc` or above. Never asked for more than [#AHEAD_MAX] beyond
  /// the present.
  long nanosOfTsc(long tsc);

  /// Ten months at 3 GHz: later deadlines are armed in several steps.
  long AHEAD_MAX = 1L << 56;
}
