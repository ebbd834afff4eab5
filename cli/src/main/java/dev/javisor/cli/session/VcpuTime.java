package dev.javisor.cli.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much processor time this process's vCPU threads have had, from /proc/self/task: a guest that
/// waits in HLT uses none.
final class VcpuTime {
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on x86

  private VcpuTime() {}

  static long nanos() {
    long ticks = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        ticks += ticks(task);
      }
    } catch (IOException e) {
      return 0;
    }
    return ticks * NANOS_PER_TICK;
  }

  /// Fields 14 and 15 of proc(5) stat; the name in brackets may hold blanks.
  private static long ticks(Path task) {
    try {
      String stat = Files.readString(task.resolve("stat"), StandardCharsets.ISO_8859_1);
      int open = stat.indexOf('(');
      int close = stat.lastIndexOf(')');
      if (!stat.startsWith("vcpu-", open + 1)) {
        return 0;
      }
      String[] fields = stat.substring(close + 2).split(" ", 15);
      return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    } catch (IOException e) {
      return 0; // it has just ended
    }
  }
}
