package dev.javisor.cli.session;

import dev.javisor.vmm.backend.ByteConsole;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Reads along on the serial console, where the kernel logs, and remembers whether it said that it
/// panicked. That alone ends nothing: a program can print the same words.
final class KernelLog implements ByteConsole {
  private static final String PANIC = "Kernel panic - not syncing";
  private static final int LINE_CHARS_MAX = 1024;

  private final ByteConsole below;
  private final StringBuilder line = new StringBuilder();
  private @Nullable String panic;
  private long bytes;
  private long lastByteNanos = System.nanoTime();

  /// @param below where the bytes go
  KernelLog(ByteConsole below) {
    this.below = below;
  }

  @Override
  public int write(MemorySegment source) {
    int taken = below.write(source);
    if (taken > 0) {
      watch(source.asSlice(0, taken).toArray(ValueLayout.JAVA_BYTE));
    }
    return taken;
  }

  private synchronized void watch(byte[] output) {
    bytes += output.length;
    lastByteNanos = System.nanoTime();
    for (byte b : output) {
      if (b == '\n') {
        endLine();
      } else if (line.length() < LINE_CHARS_MAX) {
        line.append((char) (b & 0xFF));
      }
    }
  }

  private void endLine() {
    int at = line.indexOf(PANIC);
    // The kernel's own lines begin with a time stamp; an echo's do not.
    if (at >= 0 && line.substring(0, at).matches("\\[ *[0-9]+\\.[0-9]+].*")) {
      panic = line.substring(at).strip();
    }
    line.setLength(0);
  }

  /// What the kernel said when it panicked, or null.
  synchronized @Nullable String panic() {
    return panic;
  }

  /// How many bytes came so far.
  synchronized long bytes() {
    return bytes;
  }

  synchronized long nanosSinceLastByte() {
    return System.nanoTime() - lastByteNanos;
  }

  @Override
  public int read(MemorySegment target) {
    return below.read(target);
  }

  @Override
  public void onReady(Runnable ready) {
    below.onReady(ready);
  }

  @Override
  public void close() {
    below.close();
  }
}
