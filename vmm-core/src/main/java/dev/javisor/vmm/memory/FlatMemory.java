package dev.javisor.vmm.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// RAM in one segment where the guest-physical address is the offset. RAM that does not fit below
/// [#HOLE_START] continues at [#HOLE_END]; the hole is part of the segment, never touched and so
/// never backed. The segment belongs to whoever made it, and is closed after the last thread has
/// joined.
public final class FlatMemory implements GuestMemory {

  /// Where devices and the interrupt controllers live: 3 to 4 GiB.
  public static final long HOLE_START = 3L << 30;

  public static final long HOLE_END = 4L << 30;

  private static final int VIEW_SHIFT = 30;
  private static final long VIEW_BYTES = 1L << VIEW_SHIFT;

  private final MemorySegment flat;
  private final MemorySegment readOnly;

  /// The same memory, a GiB each: what ring indices are loaded from and stored to. Two aligned
  /// bytes of a buffer are one access, which a fence orders. (Handles on a segment or a buffer
  /// would say so themselves, but take four times as long until they are compiled, and a boot is
  /// over by then.)
  private final ByteBuffer[] views;

  private final List<GuestRegion> regions;
  private final long lowEnd;
  private final long highEnd;
  private volatile List<WriteListener> listeners = List.of();

  private FlatMemory(MemorySegment flat, long ramBytes) {
    this.flat = flat;
    this.readOnly = flat.asReadOnly();
    this.views = views(flat);
    this.lowEnd = Math.min(ramBytes, HOLE_START);
    this.highEnd = flatBytes(ramBytes);
    List<GuestRegion> runs = new ArrayList<>();
    runs.add(new GuestRegion(0, flat.asSlice(0, lowEnd), false));
    if (ramBytes > HOLE_START) {
      runs.add(new GuestRegion(HOLE_END, flat.asSlice(HOLE_END, ramBytes - HOLE_START), false));
    }
    this.regions = List.copyOf(runs);
  }

  private static ByteBuffer[] views(MemorySegment flat) {
    ByteBuffer[] views = new ByteBuffer[(int) ((flat.byteSize() + VIEW_BYTES - 1) >> VIEW_SHIFT)];
    for (int i = 0; i < views.length; i++) {
      long start = (long) i << VIEW_SHIFT;
      long bytes = Math.min(VIEW_BYTES, flat.byteSize() - start);
      views[i] = flat.asSlice(start, bytes).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    return views;
  }

  /// How long a segment must be to hold `ramBytes` of RAM and, where it reaches past it, the hole.
  public static long flatBytes(long ramBytes) {
    return ramBytes <= HOLE_START ? ramBytes : ramBytes - HOLE_START + HOLE_END;
  }

  /// @param ramBytes a multiple of 4096
  /// @param provider makes the segment, of [#flatBytes] bytes, all zero
  public static FlatMemory of(long ramBytes, MemoryProvider provider) {
    if (ramBytes <= 0 || ramBytes % GuestRegion.PAGE_BYTES != 0) {
      throw new IllegalArgumentException("not a number of pages: " + ramBytes + " bytes");
    }
    return new FlatMemory(provider.allocate(flatBytes(ramBytes)), ramBytes);
  }

  @Override
  public MemorySegment readable(long gpa, long size) {
    check(gpa, size);
    return readOnly.asSlice(gpa, size);
  }

  @Override
  public MemorySegment writable(long gpa, long size) {
    check(gpa, size);
    return flat.asSlice(gpa, size);
  }

  private void check(long gpa, long size) {
    boolean low = gpa >= 0 && size >= 0 && gpa <= lowEnd && size <= lowEnd - gpa;
    if (!low) {
      checkHigh(gpa, size);
    }
  }

  private void checkHigh(long gpa, long size) {
    boolean high = gpa >= HOLE_END && size >= 0 && gpa <= highEnd && size <= highEnd - gpa;
    if (!high) {
      throw new GuestFault("0x%x, %d bytes: not in RAM".formatted(gpa, size));
    }
  }

  @Override
  public void written(long gpa, long size) {
    for (WriteListener listener : listeners) {
      listener.written(gpa, size);
    }
  }

  @Override
  public int loadIndex(long gpa) {
    checkIndex(gpa);
    int index = view(gpa).getShort(offset(gpa)) & 0xFFFF;
    VarHandle.acquireFence();
    return index;
  }

  @Override
  public void storeIndex(long gpa, int index) {
    checkIndex(gpa);
    written(gpa, Short.BYTES);
    VarHandle.releaseFence();
    view(gpa).putShort(offset(gpa), (short) index);
  }

  private ByteBuffer view(long gpa) {
    return views[(int) (gpa >>> VIEW_SHIFT)];
  }

  private static int offset(long gpa) {
    return (int) (gpa & VIEW_BYTES - 1);
  }

  private void checkIndex(long gpa) {
    check(gpa, Short.BYTES);
    if ((gpa & 1) != 0) {
      throw new GuestFault("0x%x: a ring index is 2-aligned".formatted(gpa));
    }
  }

  @Override
  public List<GuestRegion> regions() {
    return regions;
  }

  @Override
  public MemorySegment flat() {
    return flat;
  }

  @Override
  public synchronized void subscribe(WriteListener listener) {
    List<WriteListener> more = new ArrayList<>(listeners);
    more.add(listener);
    listeners = List.copyOf(more);
  }
}
