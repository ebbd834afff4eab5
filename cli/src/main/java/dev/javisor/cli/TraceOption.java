package dev.javisor.cli;

import dev.javisor.x86.engine.CpuTrace;

/// What `--trace` takes: `exits`, or `cpu` with `from=N` and `count=N` behind it.
///
/// @param from the first instruction that is written down, counted from 0; -1 if none is
/// @param count how many
record TraceOption(boolean exits, long from, long count) {
  private static final long COUNT = 1_000_000;

  /// @throws IllegalArgumentException if it is neither
  static TraceOption parse(String text) {
    if (text.equalsIgnoreCase("exits")) {
      return new TraceOption(true, -1, 0);
    }
    String[] parts = text.split("[=,]", -1);
    if (!parts[0].equalsIgnoreCase("cpu") || parts.length % 2 == 0) {
      throw new IllegalArgumentException("'" + text + "' is not exits or cpu[=from=N,count=N]");
    }
    long from = 0;
    long count = COUNT;
    for (int i = 1; i < parts.length; i += 2) {
      switch (parts[i]) {
        case "from" -> from = number(parts[i + 1]);
        case "count" -> count = number(parts[i + 1]);
        default -> throw new IllegalArgumentException("'" + parts[i] + "' is not from or count");
      }
    }
    return new TraceOption(false, from, count);
  }

  private static long number(String text) {
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a number", e);
    }
    if (value < 0) {
      throw new IllegalArgumentException("'" + text + "' is less than 0");
    }
    return value;
  }

  boolean cpu() {
    return from >= 0;
  }

  CpuTrace into(TraceFile file) {
    return cpu() ? new CpuTrace(from, count, file::line) : CpuTrace.NONE;
  }
}
