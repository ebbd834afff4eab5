package dev.javisor.images.packages;

import java.util.Locale;

/// Is told what a person is about to wait for. Called before the work, on the thread that does it.
@FunctionalInterface
public interface Progress {
  Progress NONE = (what, bytes) -> {};

  /// Where the size is not known beforehand.
  long UNKNOWN = -1;

  /// @param what as in `[2/4] kernel 6.1.0-56-cloud`
  /// @param bytes how much of it, or [#UNKNOWN]
  void step(String what, long bytes);

  /// The line for a person: `[2/4] kernel 6.1.0-56-cloud, 26.7 MB`.
  static String line(String what, long bytes) {
    return bytes < 0 ? what : String.format(Locale.ROOT, "%s, %.1f MB", what, bytes / 1e6);
  }
}
