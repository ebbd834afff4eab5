package dev.javisor.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The kernel logs of past runs: one a run, the last few kept.
final class KernelLogs {
  private static final int KEPT = 20;
  private static final String SUFFIX = ".log";

  private KernelLogs() {}

  /// A file for a new run of `name`.
  static Path fresh(String name) {
    Path directory = XdgPaths.state();
    prune(directory, name);
    return directory.resolve(name + "-" + processId() + SUFFIX);
  }

  /// `ProcessHandle` would start threads to know it.
  private static String processId() {
    try {
      return Path.of("/proc/self").toRealPath().getFileName().toString();
    } catch (IOException e) {
      return Long.toString(ProcessHandle.current().pid());
    }
  }

  private static void prune(Path directory, String name) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try {
      List<Path> old = logs(directory, name);
      if (old.size() >= KEPT) {
        old.sort((a, b) -> Long.compare(b.toFile().lastModified(), a.toFile().lastModified()));
        for (Path file : old.subList(KEPT - 1, old.size())) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      // Old logs that stay do no harm.
    }
  }

  private static List<Path> logs(Path directory, String name) throws IOException {
    List<Path> logs = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (isLog(file.getFileName().toString(), name + "-")) {
          logs.add(file);
        }
      }
    }
    return logs;
  }

  private static boolean isLog(String file, String start) {
    if (!file.startsWith(start) || !file.endsWith(SUFFIX)) {
      return false;
    }
    int end = file.length() - SUFFIX.length();
    for (int i = start.length(); i < end; i++) {
      if (file.charAt(i) < '0' || file.charAt(i) > '9') {
        return false;
      }
    }
    return end > start.length();
  }
}
