package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.FloatingPoint.Routine;
import dev.javisor.x86.fp.FloatingPoint.Target;
import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Loc;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.table.Kind;
import org.jspecify.annotations.Nullable;

/// SSE's arithmetic, conversions and approximations. The instruction runs elsewhere with all
/// exceptions masked; what came up is then held against the guest's masks.
final class Arithmetic extends Guarded {
  private final Routine routine;
  private final Source source;
  private final Target kind;
  private final int target;
  private final @Nullable Loc general;
  private final boolean readsMmx;
  private final @Nullable OutOfRange range;

  Arithmetic(Context c) {
    super(c);
    kind = c.kind(0) == Kind.G ? Target.GENERAL : Registers.isMmx(c, 0) ? Target.MMX : Target.XMM;
    routine = Encoding.sse(c, kind);
    source = Source.of(c, 1);
    readsMmx = Registers.isMmx(c, 1);
    general = c.kind(0) == Kind.G ? c.loc(0) : null;
    target = kind == Target.GENERAL ? 0 : Registers.slot(c, 0);
    range = OutOfRange.of(c, routine);
  }

  @Override
  void run(Cpu cpu) {
    int from = source.fetch(cpu);
    if (readsMmx) {
      X87.enterMmx(cpu);
    }
    copy(cpu, from, Slots.FP_SOURCE);
    copy(cpu, target, Slots.FP_TARGET);
    int found = run(cpu, routine);
    if (range != null) {
      found = range.refine(cpu, target, found);
    }
    if (kind == Target.MMX) {
      X87.enterMmx(cpu);
    }
    Mxcsr.raise(cpu, found);
    finish(cpu);
  }

  private static void copy(Cpu cpu, int from, int to) {
    Action.both(cpu, to, cpu.get(from), cpu.get(from + 8));
  }

  /// Runs it on what is in place, as if all exceptions were masked. Tiny results are flushed to
  /// zero only where they raise nothing (SDM 1, 10.2.3.3).
  ///
  /// @return the exceptions
  static int run(Cpu cpu, Routine routine) {
    int mxcsr = (Mxcsr.get(cpu) & cpu.mxcsrMask() & ~Mxcsr.EXCEPTIONS) | Mxcsr.MASKS;
    boolean isRaising = (Mxcsr.unmasked(cpu) & Mxcsr.UE) != 0;
    cpu.set(Slots.FP_MXCSR, isRaising ? mxcsr & ~Mxcsr.FTZ : mxcsr);
    routine.run(cpu.block());
    return (int) cpu.get(Slots.FP_MXCSR) & Mxcsr.EXCEPTIONS;
  }

  private void finish(Cpu cpu) {
    if (general != null) {
      general.write(cpu, 0, cpu.get(Slots.FP_TARGET));
    } else if (kind == Target.MMX) {
      X87.setMmx(cpu, target, cpu.get(Slots.FP_TARGET));
    } else {
      copy(cpu, Slots.FP_TARGET, target);
    }
  }
}
