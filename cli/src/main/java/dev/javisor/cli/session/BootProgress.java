package dev.javisor.cli.session;

import dev.javisor.linux.terminal.Terminal;

/// Shows a person that a slow guest is on its way: one line on the terminal, gone when the guest is
/// up. One thread.
final class BootProgress {
  private static final long SECOND = 1_000_000_000L;
  private static final int SHOWN_AFTER_SECONDS = 2;

  private final long startNanos = System.nanoTime();
  private final boolean isWanted;
  private long shown;

  /// @param isSlow whether it takes long enough to be worth a line
  BootProgress(boolean isSlow) {
    isWanted = isSlow && Terminal.isTerminal(2);
  }

  void tick() {
    long seconds = (System.nanoTime() - startNanos) / SECOND;
    if (isWanted && seconds >= SHOWN_AFTER_SECONDS && seconds != shown) {
      shown = seconds;
      System.err.print("\rjavisor: booting on the software engine, " + seconds + " s ");
      System.err.flush();
    }
  }

  /// The guest is up, or over.
  void end() {
    if (shown > 0) {
      System.err.print("\r\033[K");
      System.err.flush();
      shown = 0;
    }
  }
}
