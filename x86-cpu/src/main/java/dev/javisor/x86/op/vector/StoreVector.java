package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;

/// Stores an MMX or XMM register, or half of it. With MMX the top of the stack has moved
/// even if memory then faults, as Intel's processors have it; the tags have not changed.
final class StoreVector extends Guarded {
  private final Memory memory;
  private final int from;
  private final boolean isMmx;

  /// @param skipped bytes of the register before those that are stored
  StoreVector(Context c, int skipped) {
    super(c);
    memory = Memory.of(c, 0);
    from = Registers.slot(c, 1) + skipped;
    isMmx = Registers.isMmx(c, 1);
  }

  @Override
  void run(Cpu cpu) {
    if (isMmx) {
      X87.moveTop(cpu, 0);
    }
    long address = memory.addressForWrite(cpu);
    if (isMmx) {
      X87.enterMmx(cpu);
    }
    memory.store(cpu, address, from);
  }
}
