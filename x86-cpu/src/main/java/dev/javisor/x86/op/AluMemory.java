package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The arithmetic of [Alu] with a target in memory and a register or an immediate as source.
final class AluMemory {
  private AluMemory() {}

  static Op of(Context c, Loc.Memory to, Loc from) {
    AluAnywhere.Kind kind = AluAnywhere.Kind.valueOf(c.mnemonic().toUpperCase(Locale.ROOT));
    if (kind == AluAnywhere.Kind.CMP) {
      return new Compare(to, from);
    } else if (kind == AluAnywhere.Kind.TEST) {
      return new Test(to, from);
    }
    return new Change(kind, to, from);
  }

  /// A register's word, or the zero word and a constant: their sum is the operand.
  private abstract static class OfMemory extends Op {
    final Ea ea;
    final int bytes;
    final int shift;
    private final int source;
    private final long constant;

    OfMemory(Loc.Memory to, Loc from) {
      ea = to.ea;
      bytes = to.bytes();
      shift = to.shift;
      source = from instanceof Loc.Register r ? r.number : Slots.word(Slots.ZERO);
      constant = from instanceof Loc.Constant k ? k.value << shift >> shift : 0;
    }

    final long source(Cpu cpu) {
      return cpu.signed(source, shift) + constant;
    }

    final long load(Cpu cpu, long address) {
      return cpu.load(address, bytes) << shift >> shift;
    }

    @Override
    public final boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class Compare extends OfMemory {
    Compare(Loc.Memory to, Loc from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long a = load(cpu, ea.of(cpu, bytes));
      long b = source(cpu);
      cpu.flagsOfSub(a, b, a - b << shift >> shift);
      return next;
    }
  }

  private static final class Test extends OfMemory {
    Test(Loc.Memory to, Loc from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.flagsOfResult(load(cpu, ea.of(cpu, bytes)) & source(cpu), 0);
      return next;
    }
  }

  private static final class Change extends OfMemory {
    private final AluAnywhere.Kind kind;

    Change(AluAnywhere.Kind kind, Loc.Memory to, Loc from) {
      super(to, from);
      this.kind = kind;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long address = ea.forWrite(cpu, bytes);
      cpu.probeStore(address, bytes);
      long a = load(cpu, address);
      cpu.store(address, bytes, kind.apply(cpu, a, source(cpu), shift));
      return next;
    }
  }
}
