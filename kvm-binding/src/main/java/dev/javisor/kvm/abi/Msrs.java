package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;

/// `struct kvm_msr_list` (4 bytes), `kvm_msrs` (8 bytes) and its entries (16 bytes each; api.rst,
/// KVM_GET_MSRS). Entries are read and written one at a time: the kernel stops at the first it
/// refuses.
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

  private Msrs() {}

  /// An argument with room for `count` indices.
  public static MemorySegment allocateList(int count, SegmentAllocator allocator) {
    MemorySegment list = allocator.allocate(4L + count * 4L, 4);
    list.set(JAVA_INT, 0, count);
    return list;
  }

  public static int count(MemorySegment list) {
    return list.get(JAVA_INT, 0);
  }

  public static int[] readList(MemorySegment list) {
    int[] indices = new int[count(list)];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = list.get(JAVA_INT, 4 + i * 4L);
    }
    return indices;
  }

  /// An argument with one entry.
  public static MemorySegment allocateOne(int index, long data, SegmentAllocator allocator) {
    MemorySegment argument =
        allocator.allocate(HEADER_LAYOUT.byteSize() + ENTRY_LAYOUT.byteSize(), 8);
    argument.set(JAVA_INT, 0, 1);
    argument.set(JAVA_INT, 8, index);
    argument.set(JAVA_LONG, 16, data);
    return argument;
  }

  public static long readOne(MemorySegment argument) {
    return argument.get(JAVA_LONG, 16);
  }
}
