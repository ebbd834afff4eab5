package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import java.lang.invoke.VarHandle;

/// IRET (SDM 2) and POPF, which changes flags by the same rules.
public final class InterruptReturn {
  private InterruptReturn() {}

  /// @param size of each word: the operand size
  public static void iret(Cpu cpu, int size) {
    FarStack stack = FarStack.of(cpu, size);
    long target = stack.word(0);
    int selector = (int) stack.word(1) & 0xFFFF;
    long flags = stack.word(2);
    if (!cpu.isProtected()) {
      legacy(cpu, stack, size, target, selector, flags);
    } else if (cpu.flag(Flags.NT)) {
      // A nested task: 64-bit mode has none, and we have no task switches.
      throw cpu.fault(CpuFault.GP);
    } else if (!cpu.isLongActive() && (flags & Flags.VM) != 0 && cpu.cpl() == 0 && size == 4) {
      toVirtual(cpu, stack, target, selector, flags);
    } else {
      toProtected(cpu, stack, size, target, selector, flags);
    }
    cpu.set(Slots.NMI_MASKED, 0);
    VarHandle.fullFence(); // it serialises (SDM 3A, 9.3)
    ModeKey.update(cpu);
    cpu.kick();
  }

  private static void toProtected(
      Cpu cpu, FarStack stack, int size, long target, int selector, long flags) {
    Descriptor code = FarTransfers.returnTarget(cpu, selector);
    FarTransfers.check(cpu, code, target);
    int level = selector & 3;
    long changeable = FarTransfers.changeable(cpu, size);
    if (level > cpu.cpl() || Segments.isLongCode(cpu)) {
      long sp = stack.word(3);
      int ss = (int) stack.word(4) & 0xFFFF;
      FarTransfers.outward(cpu, code, level, target, ss, sp);
    } else {
      stack.drop(3L * size);
      FarTransfers.enter(cpu, code, level, target);
    }
    change(cpu, flags, changeable);
  }

  /// In real-address mode, and in virtual-8086 mode with IOPL 3.
  private static void legacy(
      Cpu cpu, FarStack stack, int size, long target, int selector, long flags) {
    if (cpu.flag(Flags.VM) && FarTransfers.iopl(cpu) < 3) {
      throw cpu.fault(CpuFault.GP);
    } else if (target > 0xFFFF) {
      throw cpu.fault(CpuFault.GP);
    }
    stack.drop(3L * size);
    Segments.load(cpu, Instruction.CS, selector);
    cpu.set(Slots.RIP, target);
    long changeable = FarTransfers.changeable(cpu, size);
    change(cpu, flags, cpu.flag(Flags.VM) ? changeable & ~(long) Flags.IOPL : changeable);
  }

  private static void toVirtual(Cpu cpu, FarStack stack, long target, int selector, long flags) {
    long sp = stack.word(3);
    int ss = (int) stack.word(4);
    int[] data = new int[4];
    for (int i = 0; i < data.length; i++) {
      data[i] = (int) stack.word(5 + i);
    }
    cpu.rflags(flags & 0xFFFF_FFFFL);
    cpu.cpl(3);
    Segments.load(cpu, Instruction.CS, selector);
    Segments.load(cpu, Instruction.SS, ss);
    Segments.load(cpu, Instruction.ES, data[0]);
    Segments.load(cpu, Instruction.DS, data[1]);
    Segments.load(cpu, Instruction.FS, data[2]);
    Segments.load(cpu, Instruction.GS, data[3]);
    cpu.gpr(Cpu.RSP, sp);
    cpu.set(Slots.RIP, target & 0xFFFF);
  }

  /// POPF's value: bits that may not change stay, without a fault.
  public static void popFlags(Cpu cpu, int size, long flags) {
    if (cpu.flag(Flags.VM) && FarTransfers.iopl(cpu) < 3) {
      throw cpu.fault(CpuFault.GP);
    }
    long changeable = FarTransfers.changeable(cpu, size) & ~(long) Flags.RF;
    if (cpu.flag(Flags.VM)) {
      changeable &= ~(long) Flags.IOPL;
    }
    change(cpu, flags, changeable);
    ModeKey.update(cpu);
    cpu.kick();
  }

  private static void change(Cpu cpu, long flags, long changeable) {
    cpu.rflags((cpu.rflags() & ~changeable) | (flags & changeable));
    if (!Breakpoints.any(cpu)) {
      cpu.flag(Flags.RF, false); // nobody would see it, and it would have to be cleared
    }
  }
}
