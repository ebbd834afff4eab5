package dev.javisor.cli.console;

import dev.javisor.vmm.backend.ByteConsole;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;

/// A stream of ours on its way into a guest: read ahead a little, no further than the guest takes
/// it.
public final class InputPump implements ByteConsole {
  private static final int QUEUE_BYTES = 64 << 10;

  private final ByteQueue queue = new ByteQueue(QUEUE_BYTES);
  private final InputStream stream;
  private volatile Runnable ready = () -> {};

  public InputPump(String name, InputStream stream) {
    this.stream = stream;
    Thread.ofPlatform().daemon(true).name(name).start(this::pump);
  }

  private void pump() {
    byte[] chunk = new byte[8192];
    try {
      for (int count; (count = stream.read(chunk)) >= 0; ) {
        if (!queue.put(chunk, count)) {
          return;
        }
        ready.run();
      }
    } catch (IOException e) {
      // A terminal that hung up reads as EIO: the input is over either way.
    }
    queue.end();
    ready.run();
  }

  @Override
  public int write(MemorySegment source) {
    return (int) source.byteSize(); // nobody listens on this side
  }

  @Override
  public int read(MemorySegment target) {
    return queue.poll(target);
  }

  @Override
  public void onReady(Runnable newReady) {
    ready = newReady;
    newReady.run();
  }

  @Override
  public void close() {
    queue.abandon();
  }
}
