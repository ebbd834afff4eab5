package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import org.jspecify.annotations.Nullable;

/// BOUND (SDM 2): a signed index against a pair of bounds in memory.
final class Bound extends Op {
  private final Loc.Register index;
  private final Ea bounds;
  private final int size;

  Bound(Context c) {
    index = (Loc.Register) c.loc(0);
    bounds = c.ea();
    size = c.instruction().operandBytes();
  }

  @Override
  public @Nullable Op exec(Cpu cpu) {
    long value = index.read(cpu);
    long address = bounds.of(cpu, 2 * size);
    // an index below the lower bound faults before the upper one is read, as on hardware
    boolean isInside =
        value >= index.sign(cpu.load(address, size))
            && value <= index.sign(cpu.load(address + size, size));
    if (!isInside) {
      throw cpu.fault(CpuFault.BR);
    }
    return next;
  }

  @Override
  public boolean isOnStack() {
    return bounds.isOnStack();
  }
}
