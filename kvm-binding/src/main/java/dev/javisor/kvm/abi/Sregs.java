package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_sregs`: 312 bytes (api.rst, KVM_GET_SREGS), read into and written from the
/// engine-neutral record.
public final class Sregs {
  static final StructLayout SEGMENT_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("base"),
              JAVA_INT.withName("limit"),
              JAVA_SHORT.withName("selector"),
              JAVA_BYTE.withName("type"),
              JAVA_BYTE.withName("present"),
              JAVA_BYTE.withName("dpl"),
              JAVA_BYTE.withName("db"),
              JAVA_BYTE.withName("s"),
              JAVA_BYTE.withName("l"),
              JAVA_BYTE.withName("g"),
              JAVA_BYTE.withName("avl"),
              JAVA_BYTE.withName("unusable"),
              JAVA_BYTE.withName("padding"))
          .withName("kvm_segment");

  static final StructLayout TABLE_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("base"),
              JAVA_SHORT.withName("limit"),
              MemoryLayout.sequenceLayout(3, JAVA_SHORT).withName("padding"))
          .withName("kvm_dtable");

  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              SEGMENT_LAYOUT.withName("cs"),
              SEGMENT_LAYOUT.withName("ds"),
              SEGMENT_LAYOUT.withName("es"),
              SEGMENT_LAYOUT.withName("fs"),
              SEGMENT_LAYOUT.withName("gs"),
              SEGMENT_LAYOUT.withName("ss"),
              SEGMENT_LAYOUT.withName("tr"),
              SEGMENT_LAYOUT.withName("ldt"),
              TABLE_LAYOUT.withName("gdt"),
              TABLE_LAYOUT.withName("idt"),
              JAVA_LONG.withName("cr0"),
              JAVA_LONG.withName("cr2"),
              JAVA_LONG.withName("cr3"),
              JAVA_LONG.withName("cr4"),
              JAVA_LONG.withName("cr8"),
              JAVA_LONG.withName("efer"),
              JAVA_LONG.withName("apic_base"),
              MemoryLayout.sequenceLayout(4, JAVA_LONG).withName("interrupt_bitmap"))
          .withName("kvm_sregs");

  public static final long KVM_GET_SREGS = Ioc.read(0x83, LAYOUT);
  public static final long KVM_SET_SREGS = Ioc.write(0x84, LAYOUT);

  private static final int SEGMENTS = 0;
  private static final int SEGMENT_BYTES = 24;
  private static final int GDT = 192;
  private static final int IDT = 208;
  private static final int CONTROL = 224;
  private static final int INTERRUPT_BITMAP = 280;

  private Sregs() {}

  public static SystemRegisters read(ByteBuffer source) {
    return new SystemRegisters(
        segment(source, 0),
        segment(source, 1),
        segment(source, 2),
        segment(source, 3),
        segment(source, 4),
        segment(source, 5),
        segment(source, 6),
        segment(source, 7),
        table(source, GDT),
        table(source, IDT),
        source.getLong(CONTROL + 0),
        source.getLong(CONTROL + 8),
        source.getLong(CONTROL + 16),
        source.getLong(CONTROL + 24),
        source.getLong(CONTROL + 32),
        source.getLong(CONTROL + 40),
        source.getLong(CONTROL + 48));
  }

  private static Segment segment(ByteBuffer source, int index) {
    int at = SEGMENTS + index * SEGMENT_BYTES;
    int attributes =
        source.get(at + 14)
            | source.get(at + 18) << 4
            | source.get(at + 16) << 5
            | source.get(at + 15) << 7
            | source.get(at + 21) << 12
            | source.get(at + 19) << 13
            | source.get(at + 17) << 14
            | source.get(at + 20) << 15
            | (source.get(at + 22) != 0 ? Segment.UNUSABLE : 0);
    return new Segment(
        source.getLong(at), source.getInt(at + 8), source.getShort(at + 12) & 0xFFFF, attributes);
  }

  private static DescriptorTable table(ByteBuffer source, int at) {
    return new DescriptorTable(source.getLong(at), source.getShort(at + 8) & 0xFFFF);
  }

  /// @param externalVector a vector acknowledged and not delivered, or -1
  public static void write(SystemRegisters system, int externalVector, ByteBuffer target) {
    Segment[] segments = {
      system.cs(),
      system.ds(),
      system.es(),
      system.fs(),
      system.gs(),
      system.ss(),
      system.tr(),
      system.ldt()
    };
    for (int i = 0; i < segments.length; i++) {
      write(segments[i], target, SEGMENTS + i * SEGMENT_BYTES);
    }
    write(system.gdt(), target, GDT);
    write(system.idt(), target, IDT);
    long[] control = {
      system.cr0(),
      system.cr2(),
      system.cr3(),
      system.cr4(),
      system.cr8(),
      system.efer(),
      system.apicBase()
    };
    for (int i = 0; i < control.length; i++) {
      target.putLong(CONTROL + i * 8, control[i]);
    }
    if (externalVector >= 0) {
      target.putLong(INTERRUPT_BITMAP + (externalVector >>> 6) * 8, 1L << (externalVector & 63));
    }
  }

  private static void write(Segment segment, ByteBuffer target, int at) {
    int bits = segment.attributes();
    target.putLong(at, segment.base());
    target.putInt(at + 8, segment.limit());
    target.putShort(at + 12, (short) segment.selector());
    target.put(at + 14, (byte) (bits & 15));
    target.put(at + 15, (byte) (bits >> 7 & 1));
    target.put(at + 16, (byte) (bits >> 5 & 3));
    target.put(at + 17, (byte) (bits >> 14 & 1));
    target.put(at + 18, (byte) (bits >> 4 & 1));
    target.put(at + 19, (byte) (bits >> 13 & 1));
    target.put(at + 20, (byte) (bits >> 15 & 1));
    target.put(at + 21, (byte) (bits >> 12 & 1));
    target.put(at + 22, (byte) (bits >> 16 & 1));
  }

  private static void write(DescriptorTable table, ByteBuffer target, int at) {
    target.putLong(at, table.base());
    target.putShort(at + 8, (short) table.limit());
  }

  /// The vector in `interrupt_bitmap`, or -1.
  public static int externalVector(ByteBuffer source) {
    for (int word = 0; word < 4; word++) {
      long bits = source.getLong(INTERRUPT_BITMAP + word * 8);
      if (bits != 0) {
        return word * 64 + Long.numberOfTrailingZeros(bits);
      }
    }
    return -1;
  }
}
