package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;

/// Stores an MMX or XMM register, or half of it. MMX takes the x87's registers over even if memory
/// then faults, as Intel's processors have it.
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
      X87.enterMmx(cpu);
    }
    long address = memory.addressForWrite(cpu);
    memory.store(cpu, address, from);
  }
}
