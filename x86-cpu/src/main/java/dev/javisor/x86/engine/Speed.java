package dev.javisor.x86.engine;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/// How fast a vCPU's thread ran its guest.
final class Speed {
  private static final double NANOS_PER_SECOND = 1e9;

  private Speed() {}

  /// A line about the calling thread, which ran `instructions`.
  static String of(int index, long instructions) {
    double seconds =
        ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / NANOS_PER_SECOND;
    return String.format(
        Locale.ROOT,
        "vCPU %d: %,d instructions in %.2f s of CPU time, %.0f MIPS",
        index,
        instructions,
        seconds,
        instructions / seconds / 1e6);
  }
}
