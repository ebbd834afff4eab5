package dev.javisor.devices.legacy;

import java.lang.foreign.MemorySegment;

/// The last bytes that a slow reader has not taken yet. When it is full the oldest go and are
/// counted. Positions count all bytes ever put, so that a reader may take its time between looking
/// and consuming. The owner's lock guards it.
final class OutputRing {
  private static final int FIRST_CAPACITY = 256;

  private final int maxBytes;
  private byte[] bytes = new byte[FIRST_CAPACITY];
  private long head;
  private long tail;
  private long dropped;

  /// @param maxBytes how much is kept, a power of two
  OutputRing(int maxBytes) {
    assert Integer.bitCount(maxBytes) == 1 && maxBytes >= FIRST_CAPACITY;
    this.maxBytes = maxBytes;
  }

  void put(byte value) {
    if (tail - head == bytes.length) {
      makeRoom();
    }
    bytes[index(tail++)] = value;
  }

  private void makeRoom() {
    if (bytes.length == maxBytes) {
      head++;
      dropped++;
      return;
    }
    byte[] larger = new byte[bytes.length * 2];
    for (long at = head; at < tail; at++) {
      larger[(int) at & (larger.length - 1)] = bytes[index(at)];
    }
    bytes = larger;
  }

  int size() {
    return (int) (tail - head);
  }

  /// The position of the oldest byte.
  long position() {
    return head;
  }

  /// Copies the oldest bytes to `target`, as many as fit, and leaves them here.
  int peek(MemorySegment target) {
    int count = (int) Math.min(target.byteSize(), size());
    int first = Math.min(count, bytes.length - index(head));
    MemorySegment.copy(MemorySegment.ofArray(bytes), index(head), target, 0, first);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, first, count - first);
    return count;
  }

  /// `count` bytes from `position` on have reached the reader. Some of them may have been dropped
  /// meanwhile: those were not lost after all.
  void consumed(long position, int count) {
    long end = position + count;
    dropped -= Math.clamp(head - position, 0, count);
    head = Math.max(head, end);
  }

  /// Drops everything, counted.
  void discard() {
    dropped += size();
    head = tail;
  }

  long dropped() {
    return dropped;
  }

  byte[] contents() {
    byte[] copy = new byte[size()];
    int first = Math.min(copy.length, bytes.length - index(head));
    System.arraycopy(bytes, index(head), copy, 0, first);
    System.arraycopy(bytes, 0, copy, first, copy.length - first);
    return copy;
  }

  /// Becomes a ring that holds `contents` after `dropped` were lost.
  void restore(byte[] contents, long dropped) {
    head = 0;
    tail = 0;
    for (byte value : contents) {
      put(value);
    }
    this.dropped = dropped;
  }

  private int index(long position) {
    return (int) position & (bytes.length - 1);
  }
}
