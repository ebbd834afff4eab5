package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.linux.call.NativeStruct;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_msr_list` (4 bytes), `kvm_msrs` (8 bytes) and its entries (16 bytes each; api.rst,
/// KVM_GET_MSRS). The kernel goes through the entries in order, stops at the first it refuses, and
/// returns how many it did.
public final class Msrs {
  public static final StructLayout LIST_LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("nmsrs")).withName("kvm_msr_list");

  public static final StructLayout HEADER_LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("nmsrs"), JAVA_INT.withName("pad"))
          .withName("kvm_msrs");

  public static final StructLayout ENTRY_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("index"), JAVA_INT.withName("reserved"), JAVA_LONG.withName("data"))
          .withName("kvm_msr_entry");

  public static final long KVM_GET_MSR_INDEX_LIST = Ioc.readWrite(0x02, LIST_LAYOUT);
  public static final long KVM_GET_MSRS = Ioc.readWrite(0x88, HEADER_LAYOUT);
  public static final long KVM_SET_MSRS = Ioc.write(0x89, HEADER_LAYOUT);

  /// The kernel takes no more in one call (fewer than its `MAX_IO_MSRS`).
  public static final int ENTRIES_MAX = 255;

  private static final int ENTRIES_AT = 8;
  private static final int ENTRY_BYTES = 16;

  private Msrs() {}

  /// An argument with room for `count` indices.
  public static NativeStruct allocateList(int count, SegmentAllocator allocator) {
    NativeStruct list = NativeStruct.allocate(4L + count * 4L, allocator);
    list.bytes().putInt(0, count);
    return list;
  }

  public static int count(ByteBuffer list) {
    return list.getInt(0);
  }

  public static int[] readList(ByteBuffer list) {
    int[] indices = new int[count(list)];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = list.getInt(4 + i * 4);
    }
    return indices;
  }

  /// An argument with room for `count` entries.
  public static NativeStruct allocate(int count, SegmentAllocator allocator) {
    NativeStruct argument =
        NativeStruct.allocate(ENTRIES_AT + (long) count * ENTRY_BYTES, allocator);
    argument.bytes().putInt(0, count);
    return argument;
  }

  public static void put(ByteBuffer argument, int entry, int index, long data) {
    int at = ENTRIES_AT + entry * ENTRY_BYTES;
    argument.putInt(at, index).putLong(at + 8, data);
  }

  public static long data(ByteBuffer argument, int entry) {
    return argument.getLong(ENTRIES_AT + entry * ENTRY_BYTES + 8);
  }
}
