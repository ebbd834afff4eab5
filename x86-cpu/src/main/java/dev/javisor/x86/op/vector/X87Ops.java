package dev.javisor.x86.op.vector;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Loc;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import org.jspecify.annotations.Nullable;

/// The x87's instructions (SDM 1, ch. 8). Those that control it are here; what works on numbers is
/// [X87Arithmetic].
final class X87Ops {
  private static final int NOT_EXCEPTIONS = 0x7F00;

  private X87Ops() {}

  static Op of(Context c) {
    return switch (c.mnemonic()) {
      case "fwait" -> new Wait();
      case "fninit" -> Guarded.of(c, X87::init);
      case "fnclex" -> Guarded.of(c, X87Ops::clearExceptions);
      case "fnop" -> Guarded.of(c, cpu -> cpu.set(X87.FIP, cpu.get(Slots.PAGE) + c.offset()));
      case "feni8087_nop", "fdisi8087_nop", "fsetpm287_nop" -> Guarded.of(c, _ -> {});
      case "fldcw" -> loadControl(c);
      case "fnstcw" -> storeWord(c, X87::fcw);
      case "fnstsw" -> storeWord(c, X87::fsw);
      case "fnstenv" -> Environment.save(c, false);
      case "fldenv" -> Environment.load(c, false);
      case "fnsave" -> Environment.save(c, true);
      case "frstor" -> Environment.load(c, true);
      case "fxsave", "fxsave64" -> FxImage.save(c);
      case "fxrstor", "fxrstor64" -> FxImage.restore(c);
      default -> new X87Arithmetic(c);
    };
  }

  private static void clearExceptions(Cpu cpu) {
    X87.words(cpu, X87.fcw(cpu), X87.fsw(cpu) & NOT_EXCEPTIONS, X87.tags(cpu), X87.fop(cpu));
  }

  private static Op loadControl(Context c) {
    Loc from = c.loc(0);
    return Guarded.of(c, cpu -> X87.fcw(cpu, (int) from.unsigned(cpu)));
  }

  private static Op storeWord(Context c, Word word) {
    Loc to = c.loc(0);
    return Guarded.of(c, cpu -> to.write(cpu, to.addressForWrite(cpu), word.of(cpu)));
  }

  private interface Word {
    int of(Cpu cpu);
  }

  /// FWAIT does nothing but check.
  private static final class Wait extends Op {
    @Override
    public @Nullable Op exec(Cpu cpu) {
      Guard.checkWait(cpu);
      return next;
    }
  }
}
