package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/// `struct kvm_coalesced_mmio_ring`: one page, the same in each vCPU's mapping of a VM. KVM appends
/// at `last`, we take from `first`, one thread at a time.
public final class CoalescedRing {
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("first"), JAVA_INT.withName("last"))
          .withName("kvm_coalesced_mmio_ring");

  public static final StructLayout ENTRY_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("phys_addr"),
              JAVA_INT.withName("len"),
              JAVA_INT.withName("pio"),
              MemoryLayout.sequenceLayout(8, JAVA_BYTE).withName("data"))
          .withName("kvm_coalesced_mmio");

  private static final int PAGE_BYTES = 4096;
  private static final int ENTRIES_AT = 8;
  private static final int ENTRY_BYTES = 24;

  /// `KVM_COALESCED_MMIO_MAX`.
  public static final int ENTRIES = (PAGE_BYTES - ENTRIES_AT) / ENTRY_BYTES;

  private final ByteBuffer page;

  /// @param page the ring's, in the processor's byte order
  public CoalescedRing(ByteBuffer page) {
    this.page = page;
  }

  /// Whether all that KVM appended was taken. Any thread.
  public boolean isEmpty() {
    long indices = page.getLong(0);
    return (int) indices == (int) (indices >>> 32);
  }

  /// Both indices, `first` in the low half and `last` in the high one, as they are now; what the
  /// entries between them hold can be read after it.
  public long indices() {
    long indices = page.getLong(0);
    VarHandle.acquireFence();
    return indices;
  }

  public static int first(long indices) {
    return (int) indices % ENTRIES;
  }

  public static int last(long indices) {
    return (int) (indices >>> 32) % ENTRIES;
  }

  /// The entry behind `entry`.
  public static int next(int entry) {
    return entry + 1 == ENTRIES ? 0 : entry + 1;
  }

  public long address(int entry) {
    return page.getLong(ENTRIES_AT + entry * ENTRY_BYTES);
  }

  /// Length and address space of `entry`, for the next two.
  public long kind(int entry) {
    return page.getLong(ENTRIES_AT + entry * ENTRY_BYTES + 8);
  }

  /// In bytes, 1 to 8.
  public static int length(long kind) {
    return (int) kind;
  }

  public static boolean isPort(long kind) {
    return kind >>> 32 != 0;
  }

  /// What was stored, little-endian, zero-extended.
  public long value(int entry, int length) {
    int unused = 64 - length * 8;
    return page.getLong(ENTRIES_AT + entry * ENTRY_BYTES + 16) << unused >>> unused;
  }

  /// Gives KVM back all entries before `next`; what was done with them can be seen by who finds the
  /// ring empty.
  public void first(int next) {
    VarHandle.releaseFence();
    page.putInt(0, next);
  }
}
