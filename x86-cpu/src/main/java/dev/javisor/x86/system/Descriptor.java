package dev.javisor.x86.system;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.state.Tlb;

/// An entry of the GDT or an LDT (SDM 3A, 3.4.5), and where it is.
///
/// @param at its linear address
/// @param raw its 8 bytes
/// @param high what a 16-byte system descriptor of IA-32e mode has in its second half
public record Descriptor(int selector, long at, long raw, long high) {
  static final int LDTR = 6;
  static final int TR = 7;
  private static final int IN_LDT = 4;

  /// Reads the descriptor that `selector` names.
  ///
  /// @param vector what to raise, with the selector, when the table does not reach so far
  static Descriptor of(Cpu cpu, int selector, int vector) {
    boolean local = (selector & IN_LDT) != 0;
    long limit = local ? cpu.segmentLimit(LDTR) : cpu.get(Slots.GDT_LIMIT) & 0xFFFF;
    boolean isThere = !local || (cpu.segmentAttributes(LDTR) & Segments.UNUSABLE) == 0;
    if (!isThere || (selector | 7) > limit) {
      throw cpu.fault(vector, selector & 0xFFFC);
    }
    long base = local ? cpu.segmentBase(LDTR) : cpu.get(Slots.GDT_BASE);
    long at = base + (selector & 0xFFF8);
    return new Descriptor(selector & 0xFFFF, at, load(cpu, at), 0);
  }

  /// The same, of 16 bytes in IA-32e mode: LDT, TSS and gates.
  Descriptor wide(Cpu cpu, int vector) {
    if (!cpu.isLongActive()) {
      return this;
    } else if ((selector & 0xFFF8) + 15 > (cpu.get(Slots.GDT_LIMIT) & 0xFFFF)) {
      throw cpu.fault(vector, selector & 0xFFFC);
    }
    return new Descriptor(selector, at, raw, load(cpu, at + 8));
  }

  /// As the processor itself reads, whatever the privilege level.
  static long load(Cpu cpu, long address) {
    Tlb tlb = cpu.tlb();
    int index = tlb.index();
    tlb.use(Tlb.SUPERVISOR);
    try {
      return cpu.load64(address);
    } finally {
      tlb.use(index);
    }
  }

  int type() {
    return (int) (raw >>> 40) & 15;
  }

  /// Code or data, not a system descriptor.
  boolean isSegment() {
    return (raw & 1L << 44) != 0;
  }

  boolean isCode() {
    return isSegment() && (type() & 8) != 0;
  }

  boolean isConforming() {
    return (type() & 12) == 12;
  }

  boolean isWritableData() {
    return isSegment() && (type() & 10) == 2;
  }

  boolean isReadable() {
    return isSegment() && (type() & 10) != 8;
  }

  int dpl() {
    return (int) (raw >>> 45) & 3;
  }

  boolean isPresent() {
    return (raw & 1L << 47) != 0;
  }

  boolean isLong() {
    return (raw & 1L << 53) != 0;
  }

  boolean isBig() {
    return (raw & 1L << 54) != 0;
  }

  long base() {
    return raw >>> 16 & 0xFF_FFFF | raw >>> 32 & 0xFF00_0000L | high << 32;
  }

  long limit() {
    long limit = raw & 0xFFFF | raw >>> 32 & 0xF_0000;
    return (raw & 1L << 55) != 0 ? limit << 12 | 0xFFF : limit;
  }

  int attributes() {
    return (int) (raw >>> 40) & 0xF0FF;
  }

  /// Sets the accessed bit of a segment, or the busy bit of a TSS.
  Descriptor mark(Cpu cpu, int bit) {
    long marked = raw | (long) bit << 40;
    if (marked != raw) {
      Tlb tlb = cpu.tlb();
      int index = tlb.index();
      tlb.use(Tlb.SUPERVISOR);
      try {
        cpu.store8(at + 5, marked >>> 40 & 0xFF);
      } finally {
        tlb.use(index);
      }
    }
    return new Descriptor(selector, at, marked, high);
  }

  /// To be thrown: `vector` with this selector.
  CpuFault fault(Cpu cpu, int vector) {
    return cpu.fault(vector, selector & 0xFFFC);
  }
}
