package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import java.lang.invoke.VarHandle;

/// Control and debug registers, EFER, and the modes they make (SDM 3A, 2.5 and 11.8.5; SDM 3B,
/// 18.2).
public final class Control {
  public static final long CR0_PE = 1;
  public static final long CR0_MP = 1 << 1;
  public static final long CR0_TS = 1 << 3;
  public static final long CR0_ET = 1 << 4;
  public static final long CR0_NW = 1 << 29;
  public static final long CR0_CD = 1 << 30;
  public static final long CR0_PG = 1L << 31;
  public static final long CR4_PAE = 1 << 5;
  public static final long CR4_UMIP = 1 << 11;
  public static final long CR4_SMEP = 1 << 20;
  public static final long CR4_SMAP = 1 << 21;
  public static final long CR4_TSD = 1 << 2;
  public static final long CR4_DE = 1 << 3;
  public static final long EFER_LME = 1 << 8;
  public static final long EFER_LMA = 1 << 10;
  private static final long EFER_SCE = 1;
  private static final long EFER_NXE = 1 << 11;
  private static final long CR0_EXISTING = 0xE005_003FL;

  /// TSD, DE, PSE, PAE, MCE, PGE, PCE, OSFXSR, OSXMMEXCPT; the platform may have more.
  private static final long CR4_EXISTING = 0x7FC;

  private static final long CR0_FLUSHING = CR0_PG | 1 << 16 | CR0_PE;
  private static final long CR4_FLUSHING = 1 << 4 | 1 << 5 | 1 << 7 | CR4_SMEP | CR4_SMAP;
  private static final long DR6_FIXED = 0xFFFF_0FF0L;
  private static final long DR6_WRITABLE = 0xE00F;
  private static final long DR7_WRITABLE = 0xFFFF_2BFFL;
  private static final long DR7_DETECT = 1 << 13;

  private Control() {}

  public static long read(Cpu cpu, int register) {
    return switch (register) {
      case 0 -> cpu.get(Slots.CR0);
      case 2 -> cpu.get(Slots.CR2);
      case 3 -> cpu.get(Slots.CR3);
      case 4 -> cpu.get(Slots.CR4);
      default -> cpu.platform().cr8(cpu);
    };
  }

  /// All but CR8 serialise (SDM 3A, 9.3).
  public static void write(Cpu cpu, int register, long value) {
    if (register != 8) {
      VarHandle.fullFence();
    }
    switch (register) {
      case 0 -> cr0(cpu, value);
      case 2 -> cpu.set(Slots.CR2, value);
      case 3 -> cr3(cpu, value);
      case 4 -> cr4(cpu, value);
      default -> cr8(cpu, value);
    }
  }

  private static void cr8(Cpu cpu, long value) {
    require(cpu, (value & ~15L) == 0);
    cpu.platform().cr8(cpu, value);
    cpu.kick();
  }

  private static void require(Cpu cpu, boolean condition) {
    if (!condition) {
      throw cpu.fault(CpuFault.GP);
    }
  }

  private static void cr0(Cpu cpu, long value) {
    require(cpu, value >>> 32 == 0);
    require(cpu, (value & CR0_PG) == 0 || (value & CR0_PE) != 0);
    require(cpu, (value & CR0_NW) == 0 || (value & CR0_CD) != 0);
    long old = cpu.get(Slots.CR0);
    long now = value & CR0_EXISTING | CR0_ET;
    boolean starts = (now & ~old & CR0_PG) != 0;
    boolean ends = (old & ~now & CR0_PG) != 0;
    if (starts) {
      startPaging(cpu);
    } else if (ends) {
      require(cpu, !Segments.isLongCode(cpu));
      cpu.set(Slots.EFER, cpu.get(Slots.EFER) & ~EFER_LMA);
    }
    cpu.set(Slots.CR0, now);
    if (((old ^ now) & CR0_FLUSHING) != 0) {
      cpu.slow().flush(cpu, true);
    }
    ModeKey.update(cpu);
  }

  private static void startPaging(Cpu cpu) {
    long efer = cpu.get(Slots.EFER);
    if ((efer & EFER_LME) != 0) {
      boolean isLongCode = (cpu.segmentAttributes(Instruction.CS) & 1 << 13) != 0;
      require(cpu, (cpu.get(Slots.CR4) & CR4_PAE) != 0 && !isLongCode);
      cpu.set(Slots.EFER, efer | EFER_LMA);
    }
  }

  private static void cr3(Cpu cpu, long value) {
    long physical = (1L << Cpu.PHYSICAL_BITS) - 1;
    require(cpu, !cpu.isLongActive() || (value & ~physical) == 0);
    cpu.set(Slots.CR3, value);
    cpu.slow().flush(cpu, false);
  }

  private static void cr4(Cpu cpu, long value) {
    require(cpu, (value & ~(CR4_EXISTING | cpu.platform().cr4Bits())) == 0);
    require(cpu, !cpu.isLongActive() || (value & CR4_PAE) != 0);
    long old = cpu.get(Slots.CR4);
    cpu.set(Slots.CR4, value);
    if (((old ^ value) & CR4_FLUSHING) != 0) {
      cpu.slow().flush(cpu, true);
    }
    ModeKey.update(cpu);
  }

  public static void efer(Cpu cpu, long value) {
    require(cpu, (value & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)) == 0);
    long old = cpu.get(Slots.EFER);
    boolean isPaging = (cpu.get(Slots.CR0) & CR0_PG) != 0;
    require(cpu, !isPaging || ((old ^ value) & EFER_LME) == 0);
    cpu.set(Slots.EFER, value & ~EFER_LMA | old & EFER_LMA);
    if (((old ^ value) & EFER_NXE) != 0) {
      cpu.slow().flush(cpu, true);
    }
    ModeKey.update(cpu);
  }

  /// LMSW: the low four bits, and PE can be set only.
  public static void lmsw(Cpu cpu, long value) {
    long old = cpu.get(Slots.CR0);
    cr0(cpu, old & ~0xEL | value & 0xF);
  }

  public static long readDebug(Cpu cpu, int register) {
    return cpu.get(slot(cpu, register));
  }

  public static void writeDebug(Cpu cpu, int register, long value) {
    int slot = slot(cpu, register);
    if (slot == Slots.DR6) {
      require(cpu, value >>> 32 == 0);
      cpu.set(slot, value & DR6_WRITABLE | DR6_FIXED);
    } else if (slot == Slots.DR7) {
      require(cpu, value >>> 32 == 0);
      cpu.set(slot, value & DR7_WRITABLE | 0x400);
    } else {
      require(cpu, value << 16 >> 16 == value);
      cpu.set(slot, value);
    }
    cpu.slow().flush(cpu, true); // what a breakpoint watches is in no TLB
    ModeKey.update(cpu);
  }

  private static int slot(Cpu cpu, int register) {
    if ((cpu.get(Slots.DR7) & DR7_DETECT) != 0) {
      cpu.set(Slots.DR7, cpu.get(Slots.DR7) & ~DR7_DETECT);
      cpu.set(Slots.DR6, cpu.get(Slots.DR6) | DR7_DETECT);
      cpu.flag(Flags.RF, true);
      throw cpu.fault(CpuFault.DB);
    } else if (register < 4) {
      return Slots.DR0 + 8 * register;
    } else if (register < 6 && (cpu.get(Slots.CR4) & CR4_DE) != 0) {
      throw cpu.fault(CpuFault.UD);
    }
    return (register & 1) == 0 ? Slots.DR6 : Slots.DR7;
  }
}
