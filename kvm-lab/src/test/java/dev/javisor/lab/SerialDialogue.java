package dev.javisor.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A person at the serial console of a machine that `./javisor run` has: waits until something
/// appears, then types.
final class SerialDialogue implements AutoCloseable {
  /// More than that of a console nobody needs to see, and a guest may print without end.
  private static final int KEPT_CHARS = 1 << 20;

  private final Process process;
  private final Thread reader;
  private final StringBuilder said = new StringBuilder();
  private int heard;
  private boolean ended;

  SerialDialogue(ProcessBuilder javisor) throws IOException {
    process = javisor.redirectErrorStream(true).start();
    reader = Thread.ofPlatform().name("console").start(this::listen);
  }

  private void listen() {
    try (InputStream output = process.getInputStream()) {
      byte[] bytes = new byte[4096];
      for (int count; (count = output.read(bytes)) >= 0; ) {
        heard(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      heard("\n" + e);
    }
    synchronized (this) {
      ended = true;
      notifyAll();
    }
  }

  private synchronized void heard(String text) {
    if (said.length() < KEPT_CHARS) {
      said.append(text);
    }
    notifyAll();
  }

  /// Waits until `text` stands behind what was awaited before.
  synchronized void await(String text, int timeoutSeconds)
      throws TimeoutException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
    int at;
    while ((at = said.indexOf(text, heard)) < 0) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (ended || leftMillis <= 0) {
        throw new TimeoutException(
            "%s without '%s' in%n%s".formatted(ended ? "ended" : "too long", text, said));
      }
      wait(leftMillis);
    }
    heard = at + text.length();
  }

  void type(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
  }

  /// Waits for the machine's end, and gives its exit code.
  int end(int timeoutSeconds) throws TimeoutException, InterruptedException {
    if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
      throw new TimeoutException("it does not end: " + this);
    }
    reader.join();
    return process.exitValue();
  }

  /// All that was said.
  @Override
  public synchronized String toString() {
    return said.toString();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly(); // the reader ends with it
  }
}
