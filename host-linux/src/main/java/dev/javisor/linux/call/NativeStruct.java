package dev.javisor.linux.call;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Memory the kernel is handed by its address. It is read and written through a buffer, at constant
/// offsets: the first access of each layout to a segment links method handles, which takes longer
/// than all that a start reads and writes, and until it is compiled each takes four times as long.
public final class NativeStruct {
  private final MemorySegment segment;
  private final ByteBuffer bytes;

  private NativeStruct(MemorySegment segment) {
    this.segment = segment;
    this.bytes = segment.asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /// The same memory as `segment`, of 2 GiB at most.
  public static NativeStruct of(MemorySegment segment) {
    return new NativeStruct(segment);
  }

  /// A zeroed structure of `layout`.
  public static NativeStruct allocate(MemoryLayout layout, SegmentAllocator allocator) {
    return allocate(layout.byteSize(), allocator);
  }

  /// `size` zeroed bytes, aligned for anything but an XSAVE area.
  public static NativeStruct allocate(long size, SegmentAllocator allocator) {
    return new NativeStruct(allocator.allocate(size, Long.BYTES));
  }

  public static NativeStruct copyOf(byte[] array, SegmentAllocator allocator) {
    NativeStruct copy = allocate(array.length, allocator);
    copy.bytes.put(0, array);
    return copy;
  }

  /// A copy of `text` in UTF-8, with a zero behind it.
  public static NativeStruct string(String text, SegmentAllocator allocator) {
    return string(text.getBytes(StandardCharsets.UTF_8), allocator);
  }

  /// A copy of `text`, bytes without a zero, with one behind them.
  public static NativeStruct string(byte[] text, SegmentAllocator allocator) {
    return copyOf(Arrays.copyOf(text, text.length + 1), allocator);
  }

  /// Eight bytes: `value`.
  public static NativeStruct ofLong(long value, SegmentAllocator allocator) {
    NativeStruct made = allocate(Long.BYTES, allocator);
    made.bytes.putLong(0, value);
    return made;
  }

  public long address() {
    return segment.address();
  }

  /// The memory itself, in the processor's byte order.
  public ByteBuffer bytes() {
    return bytes;
  }

  /// Writes `words` at byte `at`, all in one: many accesses of a buffer take an interpreted caller
  /// some sixty bytecodes each, an array's element one.
  public void putInts(int at, int[] words) {
    MemorySegment.copy(words, 0, segment, ValueLayout.JAVA_INT_UNALIGNED, at, words.length);
  }

  /// A copy of `count` words from byte `at` on.
  public int[] getInts(int at, int count) {
    int[] words = new int[count];
    MemorySegment.copy(segment, ValueLayout.JAVA_INT_UNALIGNED, at, words, 0, count);
    return words;
  }

  /// A copy of all bytes.
  public byte[] toArray() {
    byte[] copy = new byte[bytes.capacity()];
    bytes.get(0, copy);
    return copy;
  }
}
