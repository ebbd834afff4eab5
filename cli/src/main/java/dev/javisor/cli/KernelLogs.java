package dev.javisor.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The kernel logs of past runs: one a run, the last few kept.
final class KernelLogs {
  private static final int KEPT = 20;

  private KernelLogs() {}

  /// A file for a new run of `name`.
  static Path fresh(String name) {
    Path directory = XdgPaths.state();
    prune(directory, name);
    return directory.resolve(name + "-" + ProcessHandle.current().pid() + ".log");
  }

  private static void prune(Path directory, String name) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> old =
          files
              .filter(
                  f ->
                      f.getFileName()
                          .toString()
                          .matches(java.util.regex.Pattern.quote(name) + "-[0-9]+\\.log"))
              .sorted(Comparator.comparing((Path f) -> f.toFile().lastModified()).reversed())
              .skip(KEPT - 1)
              .toList();
      for (Path file : old) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // Old logs that stay do no harm.
    }
  }
}
