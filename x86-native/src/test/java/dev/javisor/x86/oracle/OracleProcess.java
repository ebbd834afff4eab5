package dev.javisor.x86.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Starts the child, sends it batches, and starts it again when it died or hung; what it died of is
/// told to whoever asked. For one thread.
final class OracleProcess implements AutoCloseable {
  private static final long ANSWER_SECONDS_MAX = 60;
  private static final long POLL_MILLIS = 1;
  private static final int SPINS = 200;

  /// What the child says when it is ready, and to an order.
  static final int ANSWER = 'r';

  private final Arena arena = Arena.ofShared();
  private final Path file;
  private final Batch batch;
  private Process process;
  private InputStream answers;
  private OutputStream orders;

  OracleProcess() throws IOException {
    Path shared = Path.of("/dev/shm");
    Path directory =
        Files.isWritable(shared) ? shared : Path.of(System.getProperty("java.io.tmpdir"));
    file =
        directory.resolve(
            "javisor-oracle-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
    batch = Batch.create(file, arena);
    process = start();
    answers = process.getInputStream();
    orders = process.getOutputStream();
    awaitAnswer();
  }

  Batch batch() {
    return batch;
  }

  private Process start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // nothing below 32 GiB: that is where guests are
    command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0"));
    command.addAll(List.of("-XX:-UseCompressedOops", "-Xmx64m", "-XX:+UseSerialGC"));
    // one that dies does so without a word: its output is for answers
    command.addAll(List.of("-Xshare:auto", "-XX:+SuppressFatalErrorMessage"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(OracleChild.class.getName(), file.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private void restart() throws IOException {
    process.destroyForcibly();
    process = start();
    answers = process.getInputStream();
    orders = process.getOutputStream();
    if (!awaitAnswer()) {
      throw new IOException("the oracle's child does not start");
    }
  }

  /// Begins to run the batch, from the case that it says is the first.
  void order() throws IOException {
    orders.write(ANSWER);
    orders.flush();
  }

  /// Waits for the batch.
  ///
  /// @return the case that the child died of, if it did; all before it have results. -1 if it lives
  int await() throws IOException {
    if (awaitAnswer()) {
      return -1;
    }
    int fatal = batch.running();
    restart();
    return fatal;
  }

  /// Whether there was one in time. Spins first: a batch takes a millisecond.
  private boolean awaitAnswer() throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS_MAX);
    for (int tries = 0; answers.available() == 0; tries++) {
      if ((!process.isAlive() && answers.available() == 0) || System.nanoTime() > deadline) {
        return false;
      }
      if (tries > SPINS) {
        pause();
      } else {
        Thread.onSpinWait();
      }
    }
    return answers.read() == ANSWER;
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the oracle ran", e);
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(file);
    arena.close();
  }
}
