package dev.javisor.x86.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whose the host's processor is, for the few cases in which that matters.
final class Vendor {
  private static final boolean INTEL = read();

  private Vendor() {}

  static boolean isIntel() {
    return INTEL;
  }

  private static boolean read() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo")).contains("GenuineIntel");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
