package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.javisor.linux.call.NativeStruct;
import java.lang.foreign.MemoryLayout;
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

  private static final int HEADER_BYTES = (int) HEADER_LAYOUT.byteSize();
  private static final int ENTRY_BYTES = (int) LAYOUT.byteSize();
  private static final int ENTRY_INTS = ENTRY_BYTES / Integer.BYTES;

  /// An argument with room for `count` entries, its count set.
  public static NativeStruct allocate(int count, SegmentAllocator allocator) {
    NativeStruct argument =
        NativeStruct.allocate(HEADER_BYTES + (long) count * ENTRY_BYTES, allocator);
    argument.bytes().putInt(0, count);
    return argument;
  }

  public static List<CpuidEntry2> readAll(NativeStruct argument) {
    int count = argument.bytes().getInt(0);
    int[] words = argument.getInts(HEADER_BYTES, count * ENTRY_INTS);
    List<CpuidEntry2> entries = new ArrayList<>();
    for (int at = 0; at < words.length; at += ENTRY_INTS) {
      entries.add(
          new CpuidEntry2(
              words[at],
              words[at + 1],
              words[at + 2],
              words[at + 3],
              words[at + 4],
              words[at + 5],
              words[at + 6]));
    }
    return entries;
  }

  public static void writeAll(List<CpuidEntry2> entries, NativeStruct argument) {
    int[] words = new int[entries.size() * ENTRY_INTS];
    for (int i = 0; i < entries.size(); i++) {
      entries.get(i).writeTo(words, i * ENTRY_INTS);
    }
    argument.putInts(HEADER_BYTES, words);
  }

  private void writeTo(int[] words, int at) {
    words[at] = function;
    words[at + 1] = index;
    words[at + 2] = flags;
    words[at + 3] = eax;
    words[at + 4] = ebx;
    words[at + 5] = ecx;
    words[at + 6] = edx;
  }

  /// The same leaf with other registers.
  public CpuidEntry2 with(int newEax, int newEbx, int newEcx, int newEdx) {
    return new CpuidEntry2(function, index, flags, newEax, newEbx, newEcx, newEdx);
  }
}
