package dev.javisor.testkit.fake;

import dev.javisor.vmm.backend.ByteConsole;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Types a line at each prompt of a shell, at once and on the thread that shows it: whoever runs
/// the guest in virtual time sees the same keys at the same instructions each time.
public final class Typist implements ByteConsole {
  private static final String PROMPT = "# ";

  private final Deque<String> lines;
  private final StringBuilder shown = new StringBuilder();
  private byte[] typed = {};
  private int taken;
  private Runnable ready = () -> {};

  public Typist(List<String> lines) {
    this.lines = new ArrayDeque<>(lines);
  }

  /// One who goes on where this one is.
  public synchronized Typist copy() {
    Typist copy = new Typist(List.copyOf(lines));
    copy.shown.append(shown);
    copy.typed = typed;
    copy.taken = taken;
    return copy;
  }

  /// All that the guest has written.
  public synchronized String shown() {
    return shown.toString();
  }

  @Override
  public synchronized int write(MemorySegment source) {
    shown.append(new String(source.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1));
    if (shown.toString().endsWith(PROMPT) && !lines.isEmpty()) {
      typed = (lines.removeFirst() + "\n").getBytes(StandardCharsets.US_ASCII);
      taken = 0;
      ready.run();
    }
    return (int) source.byteSize();
  }

  @Override
  public synchronized int read(MemorySegment target) {
    int count = (int) Math.min(target.byteSize(), typed.length - taken);
    MemorySegment.copy(typed, taken, target, ValueLayout.JAVA_BYTE, 0, count);
    taken += count;
    return count;
  }

  @Override
  public synchronized void onReady(Runnable newReady) {
    ready = newReady;
  }

  @Override
  public void close() {
    // nothing is held
  }
}
