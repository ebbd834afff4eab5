package dev.javisor.testkit.virtio;

import dev.javisor.vmm.backend.PacketPort;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A far end of a network card in memory. Frames carry their 12-byte header. Any thread.
public final class MemoryPort implements PacketPort {
  public final List<byte[]> sent = new CopyOnWriteArrayList<>();
  public final AtomicInteger receives = new AtomicInteger();
  public volatile boolean full;
  public volatile boolean closed;
  public volatile String offloadsTold = "nothing";

  private final boolean offloads;
  private final ConcurrentLinkedQueue<byte[]> waiting = new ConcurrentLinkedQueue<>();
  private volatile Runnable ready = () -> {};

  public MemoryPort(boolean offloads) {
    this.offloads = offloads;
  }

  /// A frame arrives.
  public void arrive(byte[] frame) {
    waiting.add(frame);
    ready.run();
  }

  public int waitingFrames() {
    return waiting.size();
  }

  @Override
  public int receive(MemorySegment target) {
    receives.incrementAndGet();
    byte[] frame = waiting.poll();
    if (frame == null) {
      return 0;
    }
    MemorySegment.copy(frame, 0, target, ValueLayout.JAVA_BYTE, 0, frame.length);
    return frame.length;
  }

  @Override
  public boolean send(MemorySegment frame) {
    if (full) {
      return false;
    }
    sent.add(frame.toArray(ValueLayout.JAVA_BYTE));
    return true;
  }

  @Override
  public void onReadable(Runnable newReady) {
    ready = newReady;
  }

  @Override
  public void guestOffloads(boolean checksum, boolean tso4, boolean tso6) {
    offloadsTold = "checksum %b, tso4 %b, tso6 %b".formatted(checksum, tso4, tso6);
  }

  @Override
  public boolean offloads() {
    return offloads;
  }

  @Override
  public void close() {
    closed = true;
  }
}
