package dev.javisor.cli.session;

import dev.javisor.images.micro.GuestReply;
import dev.javisor.vmm.backend.ByteConsole;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The host's half of the guest protocol, at the far end of the control port. The request is made
/// when the guest says that it is ready, so that its time is right. Lines are the guest's word: one
/// that is too long or unknown is dropped.
final class GuestControl implements ByteConsole {
  private static final int OUTBOX_BYTES_MAX = 1 << 20;

  private final Supplier<byte[]> request;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> acknowledged = new CompletableFuture<>();
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();
  private final StringBuilder line = new StringBuilder();
  private byte[] outbox = {};
  private volatile Runnable onReady = () -> {};

  /// @param request makes the line to send to a ready guest
  GuestControl(Supplier<byte[]> request) {
    this.request = request;
  }

  /// Completed when the guest waits for its request.
  CompletableFuture<Void> ready() {
    return ready;
  }

  /// Completed when the command starts.
  CompletableFuture<Void> acknowledged() {
    return acknowledged;
  }

  /// Completed with the command's exit code, after its output has been written to its ports.
  CompletableFuture<Integer> exited() {
    return exited;
  }

  /// Sends a line, which waits until the command has started: before that nobody listens.
  void send(byte[] bytes) {
    acknowledged.thenRun(() -> post(bytes));
  }

  private void post(byte[] bytes) {
    synchronized (this) {
      if (outbox.length + bytes.length > OUTBOX_BYTES_MAX) {
        return; // a guest that does not read its control port for a megabyte never will
      }
      byte[] more = java.util.Arrays.copyOf(outbox, outbox.length + bytes.length);
      System.arraycopy(bytes, 0, more, outbox.length, bytes.length);
      outbox = more;
    }
    onReady.run();
  }

  /// What the guest sends.
  @Override
  public int write(MemorySegment source) {
    for (byte b : source.toArray(ValueLayout.JAVA_BYTE)) {
      String whole = take(b);
      if (whole != null) {
        handle(GuestReply.parse(whole));
      }
    }
    return (int) source.byteSize();
  }

  private synchronized @Nullable String take(byte b) {
    if (b == '\n') {
      String whole = line.toString();
      line.setLength(0);
      return whole;
    }
    if (line.length() < GuestReply.LINE_BYTES_MAX) {
      line.append((char) (b & 0xFF));
    }
    return null;
  }

  /// (No `switch` over types: it would be linked while the guest waits.)
  private void handle(GuestReply reply) {
    if (reply instanceof GuestReply.Ready) {
      if (ready.complete(null)) {
        post(request.get());
      }
    } else if (reply instanceof GuestReply.Ack) {
      acknowledged.complete(null);
    } else if (reply instanceof GuestReply.Exit exit) {
      exited.complete(exit.code());
    }
  }

  /// What the guest receives.
  @Override
  public synchronized int read(MemorySegment target) {
    int count = (int) Math.min(target.byteSize(), outbox.length);
    MemorySegment.copy(MemorySegment.ofArray(outbox), 0, target, 0, count);
    outbox = java.util.Arrays.copyOfRange(outbox, count, outbox.length);
    return count;
  }

  @Override
  public void onReady(Runnable ready) {
    onReady = ready;
  }

  @Override
  public void close() {
    // nothing is held
  }
}
