package dev.javisor.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Tells the launcher that the terminal was put back by us: it waits on a pipe, and restores the
/// modes itself after any end without this word (`kill -9` included).
final class TerminalGuard {
  private TerminalGuard() {}

  static void endedWell() {
    String descriptor = System.getenv("JAVISOR_TERMINAL_GUARD");
    if (descriptor == null || !descriptor.matches("[0-9]+")) {
      return;
    }
    try (FileOutputStream guard = new FileOutputStream("/proc/self/fd/" + descriptor)) {
      guard.write("ok\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // Started without the launcher: then nobody waits.
    }
  }
}
