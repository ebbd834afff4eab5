package dev.javisor.devices.virtio.queue;

import dev.javisor.vmm.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// One request of the driver's: some bytes to read, then some bytes to write (virtio 1.3,
/// 2.7.4). How the driver cut them into parts means nothing (2.7.4.2), so both are addressed by
/// an offset from their start. A window on the writable bytes counts as written from the moment
/// it is handed out, until [#notWritten] says otherwise: what a device forgets is reported too
/// much, never too little. Valid until [Virtqueue#complete]; owned by the queue's thread.
public final class DescriptorChain {
  private record Part(long gpa, MemorySegment window) {}

  private final int head;
  private final List<Part> readable = new ArrayList<>(2);
  private final List<Part> writable = new ArrayList<>(2);
  private final WrittenRanges written = new WrittenRanges();
  private long readableBytes;
  private long writableBytes;
  private boolean closed;

  DescriptorChain(int head) {
    this.head = head;
  }

  void addReadable(MemorySegment window) {
    readable.add(new Part(0, window));
    readableBytes += window.byteSize();
  }

  void addWritable(long gpa, MemorySegment window) {
    writable.add(new Part(gpa, window));
    writableBytes += window.byteSize();
  }

  int head() {
    return head;
  }

  /// 0..2^32-1, as the sum with [#writableBytes].
  public long readableBytes() {
    return readableBytes;
  }

  public long writableBytes() {
    return writableBytes;
  }

  /// Windows on `length` readable bytes from `offset`, none empty.
  public List<MemorySegment> readable(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, readableBytes);
    return windows(readable, offset, length);
  }

  /// A copy of `length` readable bytes from `offset`: what is to be checked before it is used.
  public ByteBuffer copy(long offset, int length) {
    byte[] array = new byte[length];
    MemorySegment copy = MemorySegment.ofArray(array);
    long at = 0;
    for (MemorySegment window : readable(offset, length)) {
      MemorySegment.copy(window, 0, copy, at, window.byteSize());
      at += window.byteSize();
    }
    return ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Windows on `length` writable bytes from `offset`, none empty, to be written through until
  /// the chain is completed. They count as written.
  public List<MemorySegment> writable(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, writableBytes);
    requireOpen();
    written.add(offset, offset + length);
    return windows(writable, offset, length);
  }

  /// Writes `bytes` at `offset` of the writable bytes.
  public void write(long offset, MemorySegment bytes) {
    long at = 0;
    for (MemorySegment window : writable(offset, bytes.byteSize())) {
      MemorySegment.copy(bytes, at, window, 0, window.byteSize());
      at += window.byteSize();
    }
  }

  /// Takes back that these bytes were written: the back end failed, or gave less.
  public void notWritten(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, writableBytes);
    requireOpen();
    written.remove(offset, offset + length);
  }

  /// How much was written without a gap from the start: the length for the used ring, of which
  /// the driver may rely on every byte (virtio 1.3, 2.7.8.2).
  long writtenPrefix() {
    return written.prefix();
  }

  /// Ends the chain and reports what was written.
  void close(GuestMemory memory) {
    requireOpen();
    closed = true;
    written.forEach((from, to) -> report(memory, from, to));
  }

  private void report(GuestMemory memory, long from, long to) {
    long start = 0;
    for (Part part : writable) {
      long end = start + part.window.byteSize();
      long first = Math.max(from, start);
      long last = Math.min(to, end);
      if (first < last) {
        memory.written(part.gpa + first - start, last - first);
      }
      start = end;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("chain " + head + " was handed back already");
    }
  }

  private static List<MemorySegment> windows(List<Part> parts, long offset, long length) {
    List<MemorySegment> windows = new ArrayList<>(parts.size());
    long skip = offset;
    long left = length;
    for (Part part : parts) {
      long bytes = part.window.byteSize();
      if (left > 0 && skip < bytes) {
        long taken = Math.min(bytes - skip, left);
        windows.add(part.window.asSlice(skip, taken));
        left -= taken;
      }
      skip = Math.max(0, skip - bytes);
    }
    return windows;
  }
}
