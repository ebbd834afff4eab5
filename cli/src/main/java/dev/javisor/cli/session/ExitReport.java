package dev.javisor.cli.session;

import dev.javisor.vmm.machine.ExitLog;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a machine's vCPUs exited for, as a table.
final class ExitReport {
  private static final int ROWS_MAX = 30;

  private ExitReport() {}

  static String of(List<ExitLog> logs) {
    StringBuilder text = new StringBuilder("exits by kind:");
    for (ExitLog.Kind kind : ExitLog.Kind.values()) {
      long count = logs.stream().mapToLong(log -> log.count(kind)).sum();
      if (count > 0) {
        text.append("\n  %,9d  %s".formatted(count, kind));
      }
    }
    text.append("\nby address, most frequent first:");
    Map<String, Long> sums = new TreeMap<>();
    logs.forEach(
        log -> log.byAddress().forEach(row -> sums.merge(row.getKey(), row.getValue(), Long::sum)));
    sums.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(ROWS_MAX)
        .forEach(row -> text.append("\n  %,9d  %s".formatted(row.getValue(), row.getKey())));
    return text.toString();
  }
}
