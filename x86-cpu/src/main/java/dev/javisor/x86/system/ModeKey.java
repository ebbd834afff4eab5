package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.state.Tlb;

/// What of a processor's state decoded code depends on, in one int: the decoder's mode, whether
/// legacy segments are flat, which memory it sees, whether x87 and SSE are usable, and whether
/// instructions go one by one (TF, breakpoints, an interrupt shadow).
public final class ModeKey {
  private static final Mode[] MODES = Mode.values();
  private static final int FLAT = 1 << 3;
  private static final int INDEX = 4;
  private static final int NO_X87 = 1 << 6;
  private static final int NO_SSE = 1 << 7;
  private static final int SINGLE = 1 << 8;
  private static final int LONG = 1 << 13;
  private static final int BIG = 1 << 14;
  private static final int UNUSABLE = 1 << 16;
  private static final int CR0_AM = 1 << 18;
  private static final int CR0_EM_TS = 1 << 2 | 1 << 3;
  private static final int CR4_OSFXSR = 1 << 9;

  private ModeKey() {}

  /// Computes it anew; after every change of what it is made of.
  public static void update(Cpu cpu) {
    cpu.tlb().use(memory(cpu));
    Mode mode = mode(cpu);
    int key = mode.ordinal() | cpu.tlb().index() << INDEX;
    if (mode == Mode.LONG || isFlat(cpu)) {
      key |= FLAT;
    }
    if ((cpu.get(Slots.CR0) & CR0_EM_TS) != 0) {
      key |= NO_X87;
    }
    if ((cpu.get(Slots.CR4) & CR4_OSFXSR) == 0) {
      key |= NO_SSE;
    }
    if (cpu.flag(Flags.TF) || Breakpoints.any(cpu) || cpu.get(Slots.SHADOW) != 0) {
      key |= SINGLE;
    }
    cpu.set(Slots.KEY, key);
  }

  /// Which memory it sees: AC opens users' pages to a supervisor under SMAP (SDM 3A, 5.6.1), and
  /// has a user's alignment checked (7.15, interrupt 17).
  private static int memory(Cpu cpu) {
    boolean ac = cpu.flag(Flags.AC);
    if (cpu.cpl() == 3) {
      return ac && (cpu.get(Slots.CR0) & CR0_AM) != 0 ? Tlb.USER_ALIGNED : Tlb.USER;
    }
    boolean isOpen = ac && (cpu.get(Slots.CR4) & Control.CR4_SMAP) != 0;
    return isOpen ? Tlb.SUPERVISOR_OPEN : Tlb.SUPERVISOR;
  }

  private static Mode mode(Cpu cpu) {
    int cs = cpu.segmentAttributes(Instruction.CS);
    if (cpu.isLongActive() && (cs & LONG) != 0) {
      return Mode.LONG;
    } else if (!cpu.isProtected()) {
      // Real mode after a protected one keeps D and B of the hidden parts.
      return legacy((cs & BIG) != 0 && !cpu.flag(Flags.VM), isBigStack(cpu));
    }
    return legacy((cs & BIG) != 0, isBigStack(cpu));
  }

  private static boolean isBigStack(Cpu cpu) {
    return (cpu.segmentAttributes(Instruction.SS) & BIG) != 0 && !cpu.flag(Flags.VM);
  }

  private static Mode legacy(boolean bigCode, boolean bigStack) {
    if (bigCode) {
      return bigStack ? Mode.CODE32 : Mode.CODE32_STACK16;
    }
    return bigStack ? Mode.CODE16_STACK32 : Mode.CODE16;
  }

  private static boolean isFlat(Cpu cpu) {
    return isFlat(cpu, Instruction.CS)
        && isFlat(cpu, Instruction.DS)
        && isFlat(cpu, Instruction.ES)
        && isFlat(cpu, Instruction.SS);
  }

  /// All of memory, to read and, but for code, to write.
  private static boolean isFlat(Cpu cpu, int segment) {
    int attributes = cpu.segmentAttributes(segment);
    boolean isData = (attributes & 0xE) == 2;
    return cpu.segmentBase(segment) == 0
        && cpu.segmentLimit(segment) == 0xFFFF_FFFFL
        && (attributes & UNUSABLE) == 0
        && (isData || segment == Instruction.CS);
  }

  public static Mode mode(int key) {
    return MODES[key & 7];
  }

  public static boolean isFlat(int key) {
    return (key & FLAT) != 0;
  }

  /// The same, for instructions one by one.
  public static int single(int key) {
    return key | SINGLE;
  }

  public static boolean isSingle(int key) {
    return (key & SINGLE) != 0;
  }
}
