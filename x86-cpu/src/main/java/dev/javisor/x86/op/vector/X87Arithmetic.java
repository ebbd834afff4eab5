package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.FloatingPoint.Routine;
import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.table.Kind;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Every x87 instruction that works on the register stack. It runs elsewhere on a copy of the
/// registers and with the guest's own masks: an unmasked exception keeps it from storing what it
/// should not, and waits in FSW for the next instruction, here as there.
final class X87Arithmetic extends Guarded {
  private static final int X87_BYTES = 160;
  private static final int REGISTERS = 32;
  private static final int MXCSR_IN_IMAGE = 24;
  private static final int PE = 1 << 5;

  private final Routine routine;
  private final @Nullable Memory memory;
  private final boolean isStore;
  private final boolean writesFlags;
  private final int offset;
  private final int opcode;

  X87Arithmetic(Context c) {
    super(c);
    this.routine = Encoding.x87(c);
    this.isStore = c.operands() > 0 && c.kind(0) == Kind.M;
    this.memory = c.instruction().isMemory() ? Memory.of(c, isStore ? 0 : 1) : null;
    this.writesFlags = c.mnemonic().contains("comi");
    this.offset = c.offset();
    this.opcode = (c.instruction().opcode() & 7) << 8 | c.instruction().modrm();
  }

  @Override
  void run(Cpu cpu) {
    if (memory != null && !isStore) {
      memory.load(cpu);
    }
    prepare(cpu);
    routine.run(cpu.block());
    if (memory != null && isStore && isStored(cpu.get(Slots.FP_IMAGE))) {
      memory.store(cpu, memory.addressForWrite(cpu), Slots.FP_SOURCE);
    }
    finish(cpu);
    note(cpu);
  }

  private static void prepare(Cpu cpu) {
    MemorySegment block = cpu.block();
    MemorySegment.copy(block, Slots.FX, block, Slots.FP_IMAGE, X87_BYTES);
    if (isPending(cpu)) {
      cpu.set(Slots.FP_IMAGE, cpu.get(Slots.FP_IMAGE) | X87.EXCEPTIONS);
    }
    cpu.set(Slots.FP_IMAGE + MXCSR_IN_IMAGE, Mxcsr.RESET);
    cpu.set(Slots.FP_FLAGS, cpu.status());
  }

  /// Whether an exception waits that [Guard] has let pass, for want of CR0.NE, or that the state
  /// was loaded with: the host's processor would raise it, and is given them masked.
  private static boolean isPending(Cpu cpu) {
    return (X87.fsw(cpu) & ~X87.fcw(cpu) & X87.EXCEPTIONS) != 0;
  }

  /// Takes over FSW, tags and the registers.
  private void finish(Cpu cpu) {
    MemorySegment block = cpu.block();
    long words = cpu.get(Slots.FP_IMAGE);
    X87.words(cpu, X87.fcw(cpu), (int) (words >> 16), (int) (words >> 32), X87.fop(cpu));
    MemorySegment.copy(
        block, Slots.FP_IMAGE + REGISTERS, block, Slots.FX + REGISTERS, X87_BYTES - REGISTERS);
    if (writesFlags) {
      cpu.status((int) cpu.get(Slots.FP_FLAGS));
    }
  }

  /// Whether FCW and FSW have no unmasked exception other than of precision (SDM 1, 8.5).
  private static boolean isStored(long words) {
    return (words >> 16 & ~words & X87.EXCEPTIONS & ~PE) == 0;
  }

  /// Remembers where it was; opcode and operand only if an exception waits, as processors with
  /// CPUID.7.0:EBX[6] do (SDM 1, 8.1.8).
  private void note(Cpu cpu) {
    cpu.set(X87.FIP, cpu.get(Slots.PAGE) + offset);
    if ((X87.fsw(cpu) & X87.ES) != 0) {
      X87.words(cpu, X87.fcw(cpu), X87.fsw(cpu), X87.tags(cpu), opcode);
      if (memory != null) {
        cpu.set(X87.FDP, memory.offset(cpu));
      }
    }
  }
}
