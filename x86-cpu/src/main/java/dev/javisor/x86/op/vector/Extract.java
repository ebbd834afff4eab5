package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Loc;
import dev.javisor.x86.state.Cpu;

/// Takes something out of an MMX or XMM register into a general register or memory.
final class Extract extends Guarded {
  private final Loc target;
  private final int from;
  private final boolean isMmx;
  private final Reading reading;

  Extract(Context c, Reading reading) {
    super(c);
    this.target = c.loc(0);
    this.from = Registers.slot(c, 1);
    this.isMmx = Registers.isMmx(c, 1);
    this.reading = reading;
  }

  /// What is read of a register in a slot.
  @FunctionalInterface
  interface Reading {
    long of(Cpu cpu, int slot);
  }

  @Override
  void run(Cpu cpu) {
    if (isMmx) {
      X87.moveTop(cpu, 0);
    }
    long address = target.addressForWrite(cpu);
    if (isMmx) {
      X87.enterMmx(cpu);
    }
    target.write(cpu, address, reading.of(cpu, from));
  }
}
