package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.table.Kind;

/// Combines an operand into an MMX or XMM register. Memory is read first; then MMX takes the x87's
/// registers over.
final class Combine extends Guarded {
  private final int target;
  private final Source source;
  private final Action action;
  private final boolean usesMmx;
  private final boolean isMmx;

  /// The source is the second operand, or the target itself if that is an immediate.
  Combine(Context c, Action action) {
    super(c);
    this.target = Registers.slot(c, 0);
    this.source = isUnary(c) ? _ -> target : Source.of(c, 1);
    this.action = action;
    this.usesMmx = Registers.usesMmx(c);
    this.isMmx = Registers.isMmx(c, 0);
  }

  private static boolean isUnary(Context c) {
    return c.kind(1) == Kind.I;
  }

  @Override
  void run(Cpu cpu) {
    int from = source.fetch(cpu);
    if (usesMmx) {
      X87.enterMmx(cpu);
    }
    action.apply(cpu, target, from);
    if (isMmx) {
      X87.setMmx(cpu, target, cpu.get(target));
    }
  }
}
