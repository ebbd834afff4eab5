package dev.javisor.cli.console;

import dev.javisor.vmm.backend.ByteConsole;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;

/// A guest's output on its way to a stream of ours, which may be slow: what does not fit is pushed
/// back at the guest. When the stream breaks (its reader went away) the guest's side is told.
public final class OutputPump implements ByteConsole {
  private static final int QUEUE_BYTES = 256 << 10;
  private static final int CHUNK_BYTES = 64 << 10;

  private final ByteQueue queue = new ByteQueue(QUEUE_BYTES);
  private final OutputStream stream;
  private volatile Runnable ready = () -> {};
  private volatile long written;

  public OutputPump(String name, OutputStream stream) {
    this.stream = stream;
    Thread.ofPlatform().daemon(true).name(name).start(this::pump);
  }

  private void pump() {
    byte[] chunk = new byte[CHUNK_BYTES];
    try {
      for (int count; (count = queue.take(chunk)) >= 0; ) {
        stream.write(chunk, 0, count);
        stream.flush();
        written += count;
        ready.run();
      }
    } catch (IOException e) {
      // Our reader went away. The guest's writer gets the same.
      queue.abandon();
      ready.run();
    }
  }

  @Override
  public int write(MemorySegment source) {
    return queue.offer(source);
  }

  @Override
  public int read(MemorySegment target) {
    return 0;
  }

  @Override
  public void onReady(Runnable newReady) {
    ready = newReady;
  }

  /// How many bytes have left.
  public long written() {
    return written;
  }

  /// Waits until all taken so far has left or the stream broke, at most `nanos`.
  public boolean drain(long nanos) {
    return queue.awaitEmpty(nanos);
  }

  @Override
  public void close() {
    queue.end();
  }
}
