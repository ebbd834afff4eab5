package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import org.jspecify.annotations.Nullable;

/// Loading segment registers, LDTR and TR (SDM 3A, 6.5 to 6.7; SDM 2, MOV, LLDT, LTR).
public final class Segments {
  public static final int UNUSABLE = 1 << 16;
  static final int ACCESSED = 1;
  static final int CODE_64 = 0xA09B;
  static final int CODE_32 = 0xC09B;
  static final int DATA = 0xC093;
  private static final int TSS_AVAILABLE = 9;
  private static final int TSS_16_AVAILABLE = 1;
  private static final int LDT = 2;
  private static final int BUSY = 2;

  private Segments() {}

  /// MOV, POP and LxS to a data or stack segment register, and what else comes from far pointers.
  public static void load(Cpu cpu, int segment, int selector) {
    if (!cpu.isProtected()) {
      real(cpu, segment, selector);
    } else if (segment == Instruction.SS) {
      loadStack(cpu, selector, cpu.cpl());
    } else if ((selector & 0xFFFC) == 0) {
      put(cpu, segment, selector, 0, 0, UNUSABLE);
    } else {
      loadData(cpu, segment, selector);
    }
    ModeKey.update(cpu);
  }

  private static void real(Cpu cpu, int segment, int selector) {
    long at = Slots.segment(segment);
    cpu.set((int) at, (selector & 0xFFFFL) << 4);
    cpu.set((int) at + Slots.SELECTOR_IN_SEGMENT, selector & 0xFFFF);
    if (cpu.flag(Flags.VM)) {
      put(cpu, segment, selector, (selector & 0xFFFFL) << 4, 0xFFFF, 0xF3);
    } else if ((cpu.segmentAttributes(segment) & UNUSABLE) != 0) {
      cpu.set((int) at + Slots.ATTRIBUTES_IN_SEGMENT, 0x93);
    }
  }

  private static void loadData(Cpu cpu, int segment, int selector) {
    Descriptor d = Descriptor.of(cpu, selector, CpuFault.GP);
    boolean isPrivate = !d.isCode() || !d.isConforming();
    if (!d.isReadable() || (isPrivate && Math.max(selector & 3, cpu.cpl()) > d.dpl())) {
      throw d.fault(cpu, CpuFault.GP);
    } else if (!d.isPresent()) {
      throw d.fault(cpu, CpuFault.NP);
    }
    put(cpu, segment, d.mark(cpu, ACCESSED));
  }

  /// SS for privilege level `cpl`. Null is allowed in 64-bit mode but for level 3.
  static void loadStack(Cpu cpu, int selector, int cpl) {
    put(cpu, Instruction.SS, stack(cpu, selector, cpl, CpuFault.GP, isLongCode(cpu)));
  }

  /// What SS would be; null for a null selector where that is allowed.
  static @Nullable Descriptor stack(
      Cpu cpu, int selector, int cpl, int vector, boolean nullAllowed) {
    if ((selector & 0xFFFC) == 0) {
      if (nullAllowed && cpl < 3 && (selector & 3) == cpl) {
        return null;
      }
      throw cpu.fault(vector);
    }
    Descriptor d = Descriptor.of(cpu, selector, vector);
    if ((selector & 3) != cpl || d.dpl() != cpl || !d.isWritableData()) {
      throw d.fault(cpu, vector);
    } else if (!d.isPresent()) {
      throw d.fault(cpu, CpuFault.SS);
    }
    return d.mark(cpu, ACCESSED);
  }

  static boolean isLongCode(Cpu cpu) {
    return cpu.isLongActive() && (cpu.segmentAttributes(Instruction.CS) & 1 << 13) != 0;
  }

  /// Loads `segment` from `d`; a null descriptor makes it unusable, keeping CPL as its DPL.
  static void put(Cpu cpu, int segment, @Nullable Descriptor d) {
    if (d == null) {
      put(cpu, segment, cpu.cpl(), 0, 0, UNUSABLE | cpu.cpl() << 5);
    } else {
      put(cpu, segment, d.selector(), d.base(), d.limit(), d.attributes());
    }
  }

  public static void put(
      Cpu cpu, int segment, int selector, long base, long limit, int attributes) {
    int at = Slots.segment(segment);
    cpu.set(at, base);
    cpu.set(at + Slots.LIMIT_IN_SEGMENT, limit);
    cpu.set(at + Slots.SELECTOR_IN_SEGMENT, selector & 0xFFFF);
    cpu.set(at + Slots.ATTRIBUTES_IN_SEGMENT, attributes);
  }

  public static void loadTask(Cpu cpu, int selector) {
    if ((selector & 0xFFFC) == 0) {
      throw cpu.fault(CpuFault.GP);
    }
    Descriptor d = system(cpu, selector);
    boolean isTss =
        d.type() == TSS_AVAILABLE || (!cpu.isLongActive() && d.type() == TSS_16_AVAILABLE);
    if (d.isSegment() || !isTss) {
      throw d.fault(cpu, CpuFault.GP);
    } else if (!d.isPresent()) {
      throw d.fault(cpu, CpuFault.NP);
    }
    put(cpu, Descriptor.TR, d.wide(cpu, CpuFault.GP).mark(cpu, BUSY));
  }

  public static void loadLocalTable(Cpu cpu, int selector) {
    if ((selector & 0xFFFC) == 0) {
      put(cpu, Descriptor.LDTR, selector, 0, 0, UNUSABLE);
      return;
    }
    Descriptor d = system(cpu, selector);
    if (d.isSegment() || d.type() != LDT) {
      throw d.fault(cpu, CpuFault.GP);
    } else if (!d.isPresent()) {
      throw d.fault(cpu, CpuFault.NP);
    }
    put(cpu, Descriptor.LDTR, d.wide(cpu, CpuFault.GP));
  }

  /// Only the GDT has system descriptors.
  private static Descriptor system(Cpu cpu, int selector) {
    if ((selector & 4) != 0) {
      throw cpu.fault(CpuFault.GP, selector & 0xFFFC);
    }
    return Descriptor.of(cpu, selector, CpuFault.GP);
  }

  /// What LAR, LSL, VERR and VERW may look at, or null: they never fault on a selector.
  public static @Nullable Descriptor visible(Cpu cpu, int selector) {
    Descriptor d;
    try {
      if ((selector & 0xFFFC) == 0) {
        return null;
      }
      d = Descriptor.of(cpu, selector, CpuFault.GP);
    } catch (CpuFault fault) {
      if (fault.vector() != CpuFault.GP) {
        throw fault;
      }
      return null;
    }
    boolean anyLevel = d.isCode() && d.isConforming();
    return anyLevel || Math.max(cpu.cpl(), selector & 3) <= d.dpl() ? d : null;
  }

  /// VERR, or VERW.
  public static boolean verifies(Cpu cpu, int selector, boolean write) {
    Descriptor d = visible(cpu, selector);
    return d != null && (write ? d.isWritableData() : d.isReadable());
  }

  /// LAR's access rights, or -1.
  public static long accessRights(Cpu cpu, int selector) {
    Descriptor d = visible(cpu, selector);
    boolean isKnown = d != null && (d.isSegment() || isKnownToLar(cpu, d.type()));
    return isKnown && d != null ? d.raw() >>> 32 & 0xF0_FF00L : -1;
  }

  /// LSL's limit, or -1.
  public static long limit(Cpu cpu, int selector) {
    Descriptor d = visible(cpu, selector);
    boolean isKnown = d != null && (d.isSegment() || isKnownToLsl(cpu, d.type()));
    return isKnown && d != null ? d.limit() : -1;
  }

  private static boolean isKnownToLar(Cpu cpu, int type) {
    return switch (type) {
      case 2, 9, 11, 12 -> true;
      case 1, 3, 4, 5 -> !cpu.isLongActive();
      default -> false;
    };
  }

  private static boolean isKnownToLsl(Cpu cpu, int type) {
    return switch (type) {
      case 2, 9, 11 -> true;
      case 1, 3 -> !cpu.isLongActive();
      default -> false;
    };
  }
}
