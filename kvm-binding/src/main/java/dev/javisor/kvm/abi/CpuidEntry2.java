package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;

/// `struct kvm_cpuid2` (8 bytes) and its entries (40 bytes each; api.rst, KVM_SET_CPUID2).
public record CpuidEntry2(int function, int index, int flags, int eax, int ebx, int ecx, int edx) {
  public static final int KVM_CPUID_FLAG_SIGNIFCANT_INDEX = 1;

  public static final StructLayout HEADER_LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("nent"), JAVA_INT.withName("padding"))
          .withName("kvm_cpuid2");

  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("function"),
              JAVA_INT.withName("index"),
              JAVA_INT.withName("flags"),
              JAVA_INT.withName("eax"),
              JAVA_INT.withName("ebx"),
              JAVA_INT.withName("ecx"),
              JAVA_INT.withName("edx"),
              MemoryLayout.sequenceLayout(3, JAVA_INT).withName("padding"))
          .withName("kvm_cpuid_entry2");

  public static final long KVM_GET_SUPPORTED_CPUID = Ioc.readWrite(0x05, HEADER_LAYOUT);
  public static final long KVM_SET_CPUID2 = Ioc.write(0x90, HEADER_LAYOUT);

  /// An argument with room for `count` entries, its count set.
  public static MemorySegment allocate(int count, SegmentAllocator allocator) {
    MemorySegment argument =
        allocator.allocate(HEADER_LAYOUT.byteSize() + count * LAYOUT.byteSize(), 8);
    argument.set(JAVA_INT, 0, count);
    return argument;
  }

  public static List<CpuidEntry2> readAll(MemorySegment argument) {
    List<CpuidEntry2> entries = new ArrayList<>();
    for (int i = 0; i < argument.get(JAVA_INT, 0); i++) {
      entries.add(readFrom(argument, HEADER_LAYOUT.byteSize() + i * LAYOUT.byteSize()));
    }
    return entries;
  }

  private static CpuidEntry2 readFrom(MemorySegment source, long at) {
    return new CpuidEntry2(
        source.get(JAVA_INT, at),
        source.get(JAVA_INT, at + 4),
        source.get(JAVA_INT, at + 8),
        source.get(JAVA_INT, at + 12),
        source.get(JAVA_INT, at + 16),
        source.get(JAVA_INT, at + 20),
        source.get(JAVA_INT, at + 24));
  }

  public static void writeAll(List<CpuidEntry2> entries, MemorySegment argument) {
    for (int i = 0; i < entries.size(); i++) {
      entries.get(i).writeTo(argument, HEADER_LAYOUT.byteSize() + i * LAYOUT.byteSize());
    }
  }

  private void writeTo(MemorySegment target, long at) {
    int[] words = {function, index, flags, eax, ebx, ecx, edx};
    for (int i = 0; i < words.length; i++) {
      target.set(JAVA_INT, at + i * 4L, words[i]);
    }
  }

  /// The same leaf with other registers.
  public CpuidEntry2 with(int newEax, int newEbx, int newEcx, int newEdx) {
    return new CpuidEntry2(function, index, flags, newEax, newEbx, newEcx, newEdx);
  }
}
