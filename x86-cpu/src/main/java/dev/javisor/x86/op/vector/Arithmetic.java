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
  private final int resultBytes;
  private final Format result;
  private final boolean mayBeTiny;

  Arithmetic(Context c) {
    super(c);
    kind = c.kind(0) == Kind.G ? Target.GENERAL : Registers.isMmx(c, 0) ? Target.MMX : Target.XMM;
    routine = Encoding.sse(c, kind);
    source = Source.of(c, 1);
    readsMmx = Registers.isMmx(c, 1);
    general = c.kind(0) == Kind.G ? c.loc(0) : null;
    target = kind == Target.GENERAL ? 0 : Registers.slot(c, 0);
    resultBytes = c.bytes(0);
    String mnemonic = c.mnemonic();
    result = Format.of(mnemonic.endsWith("s") ? 4 : 8);
    mayBeTiny = mayBeTiny(mnemonic);
  }

  private static boolean mayBeTiny(String mnemonic) {
    return switch (mnemonic.substring(0, 3)) {
      case "add", "sub", "mul", "div" -> true;
      default -> mnemonic.equals("cvtsd2ss") || mnemonic.equals("cvtpd2ps");
    };
  }

  @Override
  void run(Cpu cpu) {
    int from = source.fetch(cpu);
    if (readsMmx) {
      X87.enterMmx(cpu);
    }
    copy(cpu, from, Slots.FP_SOURCE);
    copy(cpu, target, Slots.FP_TARGET);
    cpu.set(Slots.FP_MXCSR, masked(cpu));
    routine.run(cpu.block());
    int found = (int) cpu.get(Slots.FP_MXCSR) & Mxcsr.EXCEPTIONS;
    Mxcsr.raise(cpu, isExactlyTiny(cpu) ? found | Mxcsr.UE : found);
    finish(cpu);
  }

  private static void copy(Cpu cpu, int from, int to) {
    Action.both(cpu, to, cpu.get(from), cpu.get(from + 8));
  }

  /// The guest's MXCSR with nothing raised and all masked. Tiny results are flushed to zero only
  /// where they raise nothing (SDM 1, 10.2.3.3).
  private static int masked(Cpu cpu) {
    int mxcsr = (Mxcsr.get(cpu) & ~Mxcsr.EXCEPTIONS) | Mxcsr.MASKS;
    return Mxcsr.isUnmasked(cpu, Mxcsr.UE) ? mxcsr & ~Mxcsr.FTZ : mxcsr;
  }

  /// Whether a result is denormal and underflow not masked: then it counts whether exact or not
  /// (SDM 1, 4.9.1.5).
  private boolean isExactlyTiny(Cpu cpu) {
    if (!mayBeTiny || !Mxcsr.isUnmasked(cpu, Mxcsr.UE)) {
      return false;
    }
    for (int at = 0; at < resultBytes; at += result.bytes()) {
      long bits = cpu.get(Slots.FP_TARGET + (at & 8)) >>> 8 * (at & 7);
      if (result.isDenormal(bits & result.mask())) {
        return true;
      }
    }
    return false;
  }

  private void finish(Cpu cpu) {
    if (general != null) {
      general.write(cpu, 0, cpu.get(Slots.FP_TARGET));
    } else if (kind == Target.MMX) {
      X87.enterMmx(cpu);
      X87.setMmx(cpu, target, cpu.get(Slots.FP_TARGET));
    } else {
      copy(cpu, Slots.FP_TARGET, target);
    }
  }
}
