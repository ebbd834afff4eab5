package dev.javisor.lab.inside;

import dev.javisor.vmm.backend.ByteConsole;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeoutException;

/// A person at a serial console: types lines, reads until something appears.
final class SerialShell implements ByteConsole {
  private final StringBuilder output = new StringBuilder();
  private byte[] typed = {};
  private volatile Runnable ready = () -> {};

  /// Waits until `text` has appeared since the last wait, and returns what came before it.
  synchronized String await(String text, long seconds) throws TimeoutException {
    long deadline = System.nanoTime() + seconds * 1_000_000_000L;
    int at;
    while ((at = output.indexOf(text)) < 0) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new TimeoutException("no '" + text + "' in: " + output);
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    String before = output.substring(0, at);
    output.delete(0, at + text.length());
    return before;
  }

  /// Types a command and returns what it printed. Neither mark stands in the echo of what is typed.
  String ask(String command, long seconds) throws TimeoutException {
    type("echo be\"\"gin; " + command + "; echo d\"\"one\n");
    await("begin", seconds);
    return await("done", seconds).strip();
  }

  void type(String text) {
    synchronized (this) {
      byte[] more = text.getBytes(StandardCharsets.US_ASCII);
      byte[] all = java.util.Arrays.copyOf(typed, typed.length + more.length);
      System.arraycopy(more, 0, all, typed.length, more.length);
      typed = all;
    }
    ready.run();
  }

  @Override
  public synchronized int write(MemorySegment source) {
    output.append(new String(source.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1));
    notifyAll();
    return (int) source.byteSize();
  }

  @Override
  public synchronized int read(MemorySegment target) {
    int count = (int) Math.min(target.byteSize(), typed.length);
    MemorySegment.copy(typed, 0, target, ValueLayout.JAVA_BYTE, 0, count);
    typed = java.util.Arrays.copyOfRange(typed, count, typed.length);
    return count;
  }

  @Override
  public void onReady(Runnable newReady) {
    ready = newReady;
  }

  @Override
  public void close() {
    // nothing is held
  }
}
