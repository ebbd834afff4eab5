package dev.javisor.x86.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whose the host's processor is, for the few cases in which that matters.
final class Vendor {
  private static final String CPUINFO = read();
  private static final boolean INTEL = CPUINFO.contains("GenuineIntel");

  /// Bit 17, for operands that are not aligned (APM 1, 4.2.2).
  private static final int MXCSR_MASK = CPUINFO.contains(" misalignsse ") ? 0x2_FFFF : 0xFFFF;

  private Vendor() {}

  static boolean isIntel() {
    return INTEL;
  }

  /// MXCSR's bits that exist.
  static int mxcsrMask() {
    return MXCSR_MASK;
  }

  private static String read() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
