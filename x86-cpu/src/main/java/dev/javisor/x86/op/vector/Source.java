package dev.javisor.x86.op.vector;

import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Loc;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.table.Kind;

/// An operand that is read: where its value can be found once it was asked for.
@FunctionalInterface
interface Source {
  /// The slot with the value: a register's own, or [Slots#FP_SOURCE].
  int fetch(Cpu cpu);

  static Source of(Context c, int number) {
    if (Registers.isVector(c, number)) {
      int slot = Registers.slot(c, number);
      return _ -> slot;
    } else if (isGeneral(c, number)) {
      return general(c.loc(number));
    }
    Memory memory = Memory.of(c, number);
    return cpu -> {
      memory.load(cpu);
      return Slots.FP_SOURCE;
    };
  }

  private static boolean isGeneral(Context c, int number) {
    return c.kind(number) == Kind.R || (c.kind(number) == Kind.E && !c.instruction().isMemory());
  }

  private static Source general(Loc loc) {
    return cpu -> {
      cpu.set(Slots.FP_SOURCE, loc.unsigned(cpu));
      return Slots.FP_SOURCE;
    };
  }
}
