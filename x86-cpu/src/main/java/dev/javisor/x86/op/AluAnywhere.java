package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// The arithmetic of [Alu] and NEG, NOT, INC, DEC with targets and sources anywhere. With LOCK on
/// memory it is one atomic step.
final class AluAnywhere extends Op {
  private final Kind kind;
  private final Loc to;
  private final Loc from;
  private final boolean isLocked;

  /// What is computed of target and source.
  enum Kind {
    ADD,
    OR,
    ADC,
    SBB,
    AND,
    SUB,
    XOR,
    CMP,
    TEST,
    NEG,
    NOT,
    INC,
    DEC;

    boolean writes() {
      return this != CMP && this != TEST;
    }

    long apply(Cpu cpu, long a, long b, int shift) {
      return switch (this) {
        case ADD -> Alu.add(cpu, a, b, shift);
        case OR -> Alu.or(cpu, a, b);
        case ADC -> Alu.adc(cpu, a, b, shift);
        case SBB -> Alu.sbb(cpu, a, b, shift);
        case AND, TEST -> Alu.and(cpu, a, b);
        case SUB, CMP -> Alu.sub(cpu, a, b, shift);
        case XOR -> Alu.xor(cpu, a, b);
        case NEG -> Alu.neg(cpu, a, shift);
        case NOT -> ~a;
        case INC -> Alu.inc(cpu, a, shift);
        case DEC -> Alu.dec(cpu, a, shift);
      };
    }
  }

  private AluAnywhere(Kind kind, Loc to, Loc from, boolean isLocked) {
    this.kind = kind;
    this.to = to;
    this.from = from;
    this.isLocked = isLocked && to.isMemory();
  }

  static Op of(Context c, Loc to, Loc from) {
    Kind kind = Kind.valueOf(c.mnemonic().toUpperCase(java.util.Locale.ROOT));
    return new AluAnywhere(kind, to, from, c.instruction().isLocked());
  }

  static Op ofOne(Context c) {
    return of(c, c.loc(0), new Loc.Constant(0, 8));
  }

  @Override
  public @Nullable Op exec(Cpu cpu) {
    if (isLocked) {
      locked(cpu);
    } else if (kind.writes()) {
      long address = to.addressForWrite(cpu);
      long b = from.read(cpu) << to.shift >> to.shift;
      long a = to.read(cpu, address);
      to.write(cpu, address, kind.apply(cpu, a, b, to.shift));
    } else {
      long b = from.read(cpu) << to.shift >> to.shift;
      long unused = kind.apply(cpu, to.read(cpu), b, to.shift);
    }
    return next;
  }

  /// ADC and SBB look at the carry, so flags are put back before another try.
  private void locked(Cpu cpu) {
    long address = to.addressForWrite(cpu);
    long b = from.read(cpu) << to.shift >> to.shift;
    int status = cpu.status();
    while (true) {
      long a = to.read(cpu, address);
      long result = kind.apply(cpu, a, b, to.shift);
      if (Atomic.compareAndSet(cpu, address, to.bytes(), a, result)) {
        return;
      }
      cpu.status(status);
    }
  }

  @Override
  public boolean isOnStack() {
    return to.isOnStack() || from.isOnStack();
  }
}
