package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;

/// SYSCALL, SYSRET, SYSENTER and SYSEXIT (SDM 2; SDM 3A, 6.8.7 and 6.8.8), as Intel has them.
public final class FastCalls {
  private static final int R11 = 11;
  private static final int EFER_SCE = 1;

  private FastCalls() {}

  public static void syscall(Cpu cpu, long following) {
    if ((cpu.get(Slots.EFER) & EFER_SCE) == 0) {
      throw cpu.fault(CpuFault.UD);
    }
    cpu.gpr(Cpu.RCX, following);
    cpu.gpr(R11, cpu.rflags() & ~(long) Flags.RF);
    cpu.rflags(cpu.rflags() & ~cpu.get(Slots.FMASK) & ~(long) Flags.RF);
    int selector = (int) (cpu.get(Slots.STAR) >>> 32) & 0xFFFC;
    flat(cpu, selector, selector + 8, 0, true);
    cpu.set(Slots.RIP, cpu.get(Slots.LSTAR));
    ModeKey.update(cpu);
  }

  /// @param wide whether it returns to 64-bit mode
  public static void sysret(Cpu cpu, boolean wide) {
    long target = wide ? cpu.gpr(Cpu.RCX) : cpu.gpr(Cpu.RCX) & 0xFFFF_FFFFL;
    if ((cpu.get(Slots.EFER) & EFER_SCE) == 0) {
      throw cpu.fault(CpuFault.UD);
    } else if (cpu.cpl() != 0 || target << 16 >> 16 != target) {
      throw cpu.fault(CpuFault.GP);
    }
    cpu.rflags(cpu.gpr(R11) & 0x3C_7FD7);
    int base = (int) (cpu.get(Slots.STAR) >>> 48);
    flat(cpu, base + (wide ? 16 : 0) | 3, base + 8 | 3, 3, wide);
    cpu.set(Slots.RIP, target);
    ModeKey.update(cpu);
    cpu.kick();
  }

  public static void sysenter(Cpu cpu) {
    int selector = (int) cpu.get(Slots.SYSENTER_CS) & 0xFFFC;
    if (!cpu.isProtected() || selector == 0) {
      throw cpu.fault(CpuFault.GP);
    }
    boolean isLong = cpu.isLongActive();
    cpu.flag(Flags.VM, false);
    cpu.flag(Flags.IF, false);
    flat(cpu, selector, selector + 8, 0, isLong);
    long mask = isLong ? -1 : 0xFFFF_FFFFL;
    cpu.gpr(Cpu.RSP, cpu.get(Slots.SYSENTER_ESP) & mask);
    cpu.set(Slots.RIP, cpu.get(Slots.SYSENTER_EIP) & mask);
    ModeKey.update(cpu);
  }

  public static void sysexit(Cpu cpu, boolean wide) {
    int selector = (int) cpu.get(Slots.SYSENTER_CS) & 0xFFFC;
    if (!cpu.isProtected() || selector == 0 || cpu.cpl() != 0) {
      throw cpu.fault(CpuFault.GP);
    }
    long mask = wide ? -1 : 0xFFFF_FFFFL;
    long target = cpu.gpr(Cpu.RDX) & mask;
    long stack = cpu.gpr(Cpu.RCX) & mask;
    if (target << 16 >> 16 != target || stack << 16 >> 16 != stack) {
      throw cpu.fault(CpuFault.GP);
    }
    flat(cpu, selector + (wide ? 32 : 16) | 3, selector + (wide ? 40 : 24) | 3, 3, wide);
    cpu.gpr(Cpu.RSP, stack);
    cpu.set(Slots.RIP, target);
    ModeKey.update(cpu);
  }

  /// Code and stack of fixed content, whatever the tables hold.
  private static void flat(Cpu cpu, int cs, int ss, int level, boolean isLong) {
    int dpl = level << 5;
    int code = (isLong ? Segments.CODE_64 : Segments.CODE_32) | dpl;
    Segments.put(cpu, Instruction.CS, cs, 0, 0xFFFF_FFFFL, code);
    Segments.put(cpu, Instruction.SS, ss, 0, 0xFFFF_FFFFL, Segments.DATA | dpl);
    cpu.cpl(level);
  }
}
