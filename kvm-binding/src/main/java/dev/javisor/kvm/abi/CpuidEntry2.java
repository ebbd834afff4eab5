package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.javisor.linux.call.NativeStruct;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;
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

  /// An argument with room for `count` entries, its count set.
  public static NativeStruct allocate(int count, SegmentAllocator allocator) {
    NativeStruct argument =
        NativeStruct.allocate(HEADER_BYTES + (long) count * ENTRY_BYTES, allocator);
    argument.bytes().putInt(0, count);
    return argument;
  }

  public static List<CpuidEntry2> readAll(ByteBuffer argument) {
    List<CpuidEntry2> entries = new ArrayList<>();
    for (int i = 0; i < argument.getInt(0); i++) {
      entries.add(readFrom(argument, HEADER_BYTES + i * ENTRY_BYTES));
    }
    return entries;
  }

  private static CpuidEntry2 readFrom(ByteBuffer source, int at) {
    return new CpuidEntry2(
        source.getInt(at),
        source.getInt(at + 4),
        source.getInt(at + 8),
        source.getInt(at + 12),
        source.getInt(at + 16),
        source.getInt(at + 20),
        source.getInt(at + 24));
  }

  public static void writeAll(List<CpuidEntry2> entries, ByteBuffer argument) {
    for (int i = 0; i < entries.size(); i++) {
      entries.get(i).writeTo(argument, HEADER_BYTES + i * ENTRY_BYTES);
    }
  }

  private void writeTo(ByteBuffer target, int at) {
    target.putInt(at, function).putInt(at + 4, index).putInt(at + 8, flags);
    target.putInt(at + 12, eax).putInt(at + 16, ebx).putInt(at + 20, ecx).putInt(at + 24, edx);
  }

  /// The same leaf with other registers.
  public CpuidEntry2 with(int newEax, int newEbx, int newEcx, int newEdx) {
    return new CpuidEntry2(function, index, flags, newEax, newEbx, newEcx, newEdx);
  }
}
