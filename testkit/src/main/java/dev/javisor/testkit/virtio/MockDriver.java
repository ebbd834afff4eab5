package dev.javisor.testkit.virtio;

import dev.javisor.vmm.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The driver of one split virtqueue (virtio 1.3, 2.7). [#offer] and [#takeUsed] behave; the
/// methods under "hostile" write what they are told.
public final class MockDriver {
  public static final int F_NEXT = 1;
  public static final int F_WRITE = 2;
  public static final int F_INDIRECT = 4;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INDEX =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  /// A part of a chain.
  public record Part(long gpa, int length, boolean writable) {
    public static Part readable(long gpa, int length) {
      return new Part(gpa, length, false);
    }

    public static Part writable(long gpa, int length) {
      return new Part(gpa, length, true);
    }
  }

  /// What came back.
  public record Used(int head, int length) {}

  private final GuestMemory memory;
  private final int size;
  private final boolean eventIdx;
  private final long descriptorTable;
  private final long availRing;
  private final long usedRing;
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final Map<Integer, List<Integer>> offered = new HashMap<>();
  private int availIndex;
  private int kickedIndex;
  private int seenUsed;

  /// A queue with all indices at 0.
  ///
  /// @param base where it lies: page-aligned, [#bytes] bytes
  /// @param size a power of two
  public MockDriver(GuestMemory memory, long base, int size, boolean eventIdx) {
    this(memory, base, size, eventIdx, 0);
  }

  /// A queue that has already run: both indices at `index`, the device's side to be loaded so
  /// too.
  public MockDriver(GuestMemory memory, long base, int size, boolean eventIdx, int index) {
    this.memory = memory;
    this.size = size;
    this.eventIdx = eventIdx;
    this.descriptorTable = base;
    this.availRing = base + 16L * size;
    this.usedRing = (availRing + 6 + 2L * size + 3) & ~3L;
    this.availIndex = index;
    this.kickedIndex = index;
    this.seenUsed = index;
    memory.writable(base, bytes(size)).fill((byte) 0);
    put16(availRing + 2, index);
    put16(usedRing + 2, index);
    for (int i = 0; i < size; i++) {
      free.add(i);
    }
    if (eventIdx) {
      setUsedEvent(index);
    }
  }

  /// How much memory a queue needs.
  public static long bytes(int size) {
    return 16L * size + 6 + 2L * size + 3 + 6 + 8L * size;
  }

  public int size() {
    return size;
  }

  public long descriptorTable() {
    return descriptorTable;
  }

  public long availRing() {
    return availRing;
  }

  public long usedRing() {
    return usedRing;
  }

  public int freeDescriptors() {
    return free.size();
  }

  /// Offers a chain of direct descriptors and publishes it. Returns its head.
  public int offer(Part... parts) {
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      indices.add(free.remove());
    }
    for (int i = 0; i < parts.length; i++) {
      int next = i + 1 < parts.length ? indices.get(i + 1) : 0;
      int flags = (parts[i].writable ? F_WRITE : 0) | (i + 1 < parts.length ? F_NEXT : 0);
      writeDescriptor(indices.get(i), parts[i].gpa, parts[i].length, flags, next);
    }
    offered.put(indices.get(0), indices);
    publish(indices.get(0));
    return indices.get(0);
  }

  /// Offers a chain through an indirect table at `table` (virtio 1.3, 2.7.5.3).
  public int offerIndirect(long table, Part... parts) {
    for (int i = 0; i < parts.length; i++) {
      int flags = (parts[i].writable ? F_WRITE : 0) | (i + 1 < parts.length ? F_NEXT : 0);
      writeDescriptorAt(table + 16L * i, parts[i].gpa, parts[i].length, flags, i + 1);
    }
    int head = free.remove();
    writeDescriptor(head, table, 16 * parts.length, F_INDIRECT, 0);
    offered.put(head, List.of(head));
    publish(head);
    return head;
  }

  /// The next used chain, or null. Its descriptors are free again.
  public @Nullable Used takeUsed() {
    if (usedIndex() == seenUsed) {
      return null;
    }
    long entry = usedRing + 4 + 8L * (seenUsed & (size - 1));
    Used used = new Used((int) get32(entry), (int) get32(entry + 4));
    seenUsed = (seenUsed + 1) & 0xFFFF;
    List<Integer> indices = offered.remove(used.head);
    if (indices == null) {
      throw new AssertionError("the device returned head " + used.head + ", never offered");
    }
    free.addAll(indices);
    return used;
  }

  /// Whether [#takeUsed] has something.
  public boolean usedWaits() {
    return usedIndex() != seenUsed;
  }

  /// Whether the device wants a kick for what was published since the last such question
  /// (virtio 1.3, 2.7.10).
  public boolean wantsKick() {
    VarHandle.fullFence();
    int old = kickedIndex;
    kickedIndex = availIndex;
    if (!eventIdx) {
      return (get16(usedRing) & 1) == 0;
    }
    int availEvent = get16(usedRing + 4 + 8L * size);
    return ((availIndex - availEvent - 1) & 0xFFFF) < ((availIndex - old) & 0xFFFF);
  }

  /// Asks for an interrupt with the next used chain (virtio 1.3, 2.7.7). True if one is there
  /// already, for which none may come.
  public boolean enableInterrupts() {
    if (eventIdx) {
      setUsedEvent(seenUsed);
    } else {
      put16(availRing, 0);
    }
    VarHandle.fullFence();
    return usedIndex() != seenUsed;
  }

  /// Asks for none: with event indices by an event that lies just behind.
  public void disableInterrupts() {
    if (eventIdx) {
      setUsedEvent(seenUsed - 1);
    } else {
      put16(availRing, 1);
    }
  }

  public void setUsedEvent(int index) {
    put16(availRing + 4 + 2L * size, index);
  }

  /// What the device published, a u16.
  public int usedIndex() {
    return (short) INDEX.getAcquire(memory.writable(usedRing + 2, 2), 0L) & 0xFFFF;
  }

  public int availIndex() {
    return availIndex;
  }

  // Hostile.

  /// Puts `head` into the ring and publishes it, whatever it is.
  public void publish(int head) {
    put16(availRing + 4 + 2L * (availIndex & (size - 1)), head);
    setAvailIndex(availIndex + 1);
  }

  /// Publishes an index, whatever lies behind it.
  public void setAvailIndex(int index) {
    availIndex = index & 0xFFFF;
    INDEX.setRelease(memory.writable(availRing + 2, 2), 0L, (short) index);
  }

  public void writeDescriptor(int index, long gpa, int length, int flags, int next) {
    writeDescriptorAt(descriptorTable + 16L * index, gpa, length, flags, next);
  }

  public void writeDescriptorAt(long at, long gpa, int length, int flags, int next) {
    MemorySegment descriptor = memory.writable(at, 16);
    descriptor.set(U64, 0, gpa);
    descriptor.set(U32, 8, length);
    descriptor.set(U16, 12, (short) flags);
    descriptor.set(U16, 14, (short) next);
  }

  private void put16(long gpa, int value) {
    memory.writable(gpa, 2).set(U16, 0, (short) value);
  }

  private int get16(long gpa) {
    return memory.readable(gpa, 2).get(U16, 0) & 0xFFFF;
  }

  private long get32(long gpa) {
    return memory.readable(gpa, 4).get(U32, 0) & 0xFFFF_FFFFL;
  }
}
