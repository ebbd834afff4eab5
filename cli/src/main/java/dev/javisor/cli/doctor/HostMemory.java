package dev.javisor.cli.doctor;

import java.nio.file.Path;

/// How much memory a guest can still get: what the kernel has available, within this control group.
public final class HostMemory {
  private HostMemory() {}

  public static long availableBytes() {
    return Math.min(meminfo(), cgroup());
  }

  private static long meminfo() {
    String kib = lineAfter("MemAvailable:", HostFindings.read(Path.of("/proc/meminfo"))).strip();
    return kib.endsWith(" kB") ? number(kib.substring(0, kib.length() - 3)) << 10 : Long.MAX_VALUE;
  }

  /// The tightest of this cgroup's limits and its parents' (cgroup v2).
  private static long cgroup() {
    String own = lineAfter("0::/", HostFindings.read(Path.of("/proc/self/cgroup")));
    long left = Long.MAX_VALUE;
    Path root = Path.of("/sys/fs/cgroup");
    Path group = root.resolve(own).normalize();
    while (group != null && group.startsWith(root)) {
      left = Math.min(left, leftIn(group));
      group = group.getParent();
    }
    return left;
  }

  private static long leftIn(Path group) {
    long max = number(HostFindings.read(group.resolve("memory.max")).strip());
    long now = number(HostFindings.read(group.resolve("memory.current")).strip());
    return max < 0 || now < 0 ? Long.MAX_VALUE : Math.max(0, max - now);
  }

  /// The rest of the first line that begins with `start`; empty without one.
  private static String lineAfter(String start, String text) {
    int at = text.startsWith(start) ? 0 : text.indexOf("\n" + start) + 1;
    if (at == 0 && !text.startsWith(start)) {
      return "";
    }
    int end = text.indexOf('\n', at);
    return text.substring(at + start.length(), end < 0 ? text.length() : end);
  }

  /// -1 if it is none, as `max` of a group without a limit.
  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
