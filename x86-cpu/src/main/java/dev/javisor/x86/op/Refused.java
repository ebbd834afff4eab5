package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import org.jspecify.annotations.Nullable;

/// Bytes that are no instruction: `#UD`, or `#GP(0)` for more than 15.
public final class Refused extends Op {
  private final boolean isTooLong;

  public Refused(boolean isTooLong) {
    this.isTooLong = isTooLong;
  }

  @Override
  public @Nullable Op exec(Cpu cpu) {
    throw cpu.fault(isTooLong ? CpuFault.GP : CpuFault.UD);
  }
}
