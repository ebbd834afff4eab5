package dev.javisor.vmm.backend;

/// The one clock of a machine, behind every timer we emulate and the RTC. Deadlines are absolute
/// values of [#nanoTime]. Any thread.
public interface TimeSource {

  /// Nanoseconds since some fixed moment, never going back.
  long nanoTime();

  /// Nanoseconds since 1970-01-01 UTC.
  long wallClockNanos();

  /// The host's clocks.
  TimeSource HOST =
      new TimeSource() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallClockNanos() {
          java.time.Instant now = java.time.Instant.now();
          return now.getEpochSecond() * 1_000_000_000L + now.getNano();
        }
      };
}
