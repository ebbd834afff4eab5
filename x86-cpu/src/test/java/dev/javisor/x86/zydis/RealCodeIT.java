package dev.javisor.x86.zydis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Mode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// From one instruction to the next through real programs, AVX and data between functions included:
/// where no instruction is, a byte on.
class RealCodeIT {
  @Test
  void aKernel() throws IOException {
    compare("vmlinux", Mode.LONG, RealCode.vmlinux(), 2_000_000);
  }

  @Test
  void theCLibrary() throws IOException {
    compare("libc6", Mode.LONG, RealCode.of("libc6", "/libc.so.6"), 300_000);
  }

  @Test
  void libcrypto() throws IOException {
    compare("libcrypto", Mode.LONG, RealCode.of("libssl3", "/libcrypto.so.3"), 500_000);
  }

  /// i386 code from an amd64 package.
  @Test
  void theCLibraryOf32BitPrograms() throws IOException {
    compare("libc6-i386", Mode.CODE32, RealCode.of("libc6-i386", "/libc.so.6"), 300_000);
  }

  /// The program that the software engine's guest runs, too.
  @Test
  void busyboxFor32BitMachines() throws IOException {
    List<byte[]> code = RealCode.ofI386("busybox-static", "bin/busybox");
    compare("busybox i386", Mode.CODE32, code, 300_000);
  }

  private static void compare(String name, Mode mode, List<byte[]> sections, long least) {
    Differences differences = new Differences();
    Comparison comparison = new Comparison(mode, differences);
    for (byte[] code : sections) {
      for (int at = 0; at < code.length; ) {
        at += Math.max(1, comparison.compare(code, at, code.length));
      }
    }
    System.out.printf(
        "COUNTS zydis %s: %d compared, %d instructions, %d listed%n",
        name, comparison.compared(), comparison.instructions(), differences.total());
    assertEquals(Map.of(), comparison.found());
    assertTrue(comparison.instructions() > least, comparison.instructions() + " instructions");
  }
}
