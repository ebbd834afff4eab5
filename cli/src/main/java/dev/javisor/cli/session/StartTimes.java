package dev.javisor.cli.session;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;

/// The way to a running guest, step by step, for `-v` and the benchmarks: milliseconds of the wall
/// clock, which the launcher reads too. Any thread.
public final class StartTimes {
  /// Set by the launcher: when it started, and when it handed over to Java; seconds since the
  /// epoch, with six decimals and the locale's separator.
  private static final String LAUNCHED = "JAVISOR_LAUNCHED";

  private static final String HANDED_OVER = "JAVISOR_HANDED_OVER";

  private final StringBuilder steps = new StringBuilder();
  private final long first;
  private long last;

  private StartTimes(long first) {
    this.first = first;
    this.last = first;
  }

  /// To be called first of all in a command: what went before is the launcher's and the JVM's.
  public static StartTimes begin() {
    Map<String, String> environment = System.getenv();
    long now = micros();
    long handedOver = stamp(environment, HANDED_OVER, now);
    StartTimes times = new StartTimes(stamp(environment, LAUNCHED, handedOver));
    times.step("launcher", handedOver - times.first);
    times.step("jvm", now - handedOver);
    return times;
  }

  private static long stamp(Map<String, String> environment, String name, long otherwise) {
    String digits = environment.getOrDefault(name, "").replaceAll("[^0-9]", "");
    return digits.length() == 16 ? Long.parseLong(digits) : otherwise;
  }

  private static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /// Ends the step `name`, which began where the last one ended.
  synchronized void step(String name) {
    step(name, micros() - last);
  }

  /// A step that took `micros`.
  synchronized void step(String name, long micros) {
    last += micros;
    steps.append(String.format(Locale.ROOT, " %s=%.1f", name, micros / 1e3));
  }

  /// All of it so far, under a name of its own.
  synchronized void sum(String name) {
    steps.append(String.format(Locale.ROOT, " %s=%.1f", name, (last - first) / 1e3));
  }

  @Override
  public synchronized String toString() {
    return "timing (ms)" + steps;
  }
}
