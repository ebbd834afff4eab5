package dev.javisor.cli.doctor;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How much memory a guest can still get: what the kernel has available, within this control group.
public final class HostMemory {
  private HostMemory() {}

  public static long availableBytes() {
    return Math.min(meminfo(), cgroup());
  }

  private static long meminfo() {
    Matcher line =
        Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB")
            .matcher(HostFindings.read(Path.of("/proc/meminfo")));
    return line.find() ? Long.parseLong(line.group(1)) << 10 : Long.MAX_VALUE;
  }

  /// The tightest of this cgroup's limits and its parents' (cgroup v2).
  private static long cgroup() {
    Matcher own =
        Pattern.compile("(?m)^0::(/.*)$").matcher(HostFindings.read(Path.of("/proc/self/cgroup")));
    long left = Long.MAX_VALUE;
    Path root = Path.of("/sys/fs/cgroup");
    Path group = own.find() ? root.resolve("." + own.group(1)).normalize() : root;
    while (group != null && group.startsWith(root)) {
      left = Math.min(left, leftIn(group));
      group = group.getParent();
    }
    return left;
  }

  private static long leftIn(Path group) {
    String max = HostFindings.read(group.resolve("memory.max")).strip();
    String now = HostFindings.read(group.resolve("memory.current")).strip();
    boolean limited = max.matches("\\d{1,18}") && now.matches("\\d{1,18}");
    return limited ? Math.max(0, Long.parseLong(max) - Long.parseLong(now)) : Long.MAX_VALUE;
  }
}
