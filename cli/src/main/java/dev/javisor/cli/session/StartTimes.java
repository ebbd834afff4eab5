package dev.javisor.cli.session;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/// The way to a running guest, step by step, for `-v` and the benchmarks: milliseconds of the wall
/// clock, which the launcher reads too. Any thread.
public final class StartTimes {
  /// Set by the launcher: when it started, and when it handed over to Java; seconds since the
  /// epoch, with six decimals and the locale's separator.
  private static final String LAUNCHED = "JAVISOR_LAUNCHED";

  private static final String HANDED_OVER = "JAVISOR_HANDED_OVER";
  private static final int DECIMALS = 6;

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
    String stamp = environment.getOrDefault(name, "");
    int separator = stamp.length() - DECIMALS - 1;
    try {
      return separator < 0
          ? otherwise
          : Long.parseLong(stamp.substring(0, separator) + stamp.substring(separator + 1));
    } catch (NumberFormatException e) {
      return otherwise; // somebody else's
    }
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
    append(name, micros);
  }

  /// All of it so far, under a name of its own.
  synchronized void sum(String name) {
    append(name, last - first);
  }

  private void append(String name, long micros) {
    steps.append(' ').append(name).append('=').append(micros / 1000);
    steps.append('.').append(micros / 100 % 10);
  }

  @Override
  public synchronized String toString() {
    return "timing (ms)" + steps;
  }
}
