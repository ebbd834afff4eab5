package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import org.jspecify.annotations.Nullable;

/// MUL, IMUL, DIV and IDIV (SDM 2). Flags the manual leaves undefined: a product's SF, ZF and PF
/// are those of its low half, AF is 0; division leaves all.
final class Multiply {
  private static final int OVERFLOW = Flags.CF | Flags.OF;

  private Multiply() {}

  /// One operand: rDX:rAX, or AX of bytes.
  static Op wide(Context c) {
    Loc from = c.loc(0);
    return switch (c.mnemonic()) {
      case "mul" -> new Wide(from, false);
      case "imul" -> new Wide(from, true);
      case "div" -> new Divide(from, false);
      default -> new Divide(from, true);
    };
  }

  static Op imul(Context c) {
    return switch (c.operands()) {
      case 1 -> wide(c);
      case 2 -> narrow((Loc.Register) c.loc(0), c.loc(0), c.loc(1));
      default -> narrow((Loc.Register) c.loc(0), c.loc(1), c.loc(2));
    };
  }

  private static Op narrow(Loc.Register to, Loc one, Loc other) {
    if (one instanceof Loc.Register a && other instanceof Loc.Register b) {
      return new OfRegisters(to, a, b);
    }
    return new Narrow(to, one, other);
  }

  /// The product that fits, and whether it does.
  private static void finish(Cpu cpu, Loc.Register to, long a, long b) {
    long product = a * b;
    long result = to.sign(product);
    boolean fits = result == product && (to.shift != 0 || Math.multiplyHigh(a, b) == product >> 63);
    cpu.put(to.number, result, to.shift);
    cpu.flagsOfResult(result, fits ? 0 : OVERFLOW);
  }

  private static final class OfRegisters extends Op {
    private final Loc.Register to;
    private final int one;
    private final int other;

    OfRegisters(Loc.Register to, Loc.Register one, Loc.Register other) {
      this.to = to;
      this.one = one.number;
      this.other = other.number;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      finish(cpu, to, cpu.signed(one, to.shift), cpu.signed(other, to.shift));
      return next;
    }
  }

  private static final class Narrow extends Op {
    private final Loc.Register to;
    private final Loc one;
    private final Loc other;

    Narrow(Loc.Register to, Loc one, Loc other) {
      this.to = to;
      this.one = one;
      this.other = other;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      finish(cpu, to, one.read(cpu), other.read(cpu));
      return next;
    }

    @Override
    public boolean isOnStack() {
      return one.isOnStack() || other.isOnStack();
    }
  }

  /// One operand with rDX:rAX, or of bytes with AX.
  private abstract static class OfAccumulator extends Op {
    final Loc from;
    final boolean isSigned;
    final Loc.Register low;
    final Loc high;

    OfAccumulator(Loc from, boolean isSigned) {
      this.from = from;
      this.isSigned = isSigned;
      int bytes = from.bytes();
      this.low = Loc.Register.of(Cpu.RAX, bytes);
      this.high = bytes == 1 ? new Loc.HighByte(Cpu.RAX) : Loc.Register.of(Cpu.RDX, bytes);
    }

    @Override
    public final boolean isOnStack() {
      return from.isOnStack();
    }
  }

  private static final class Wide extends OfAccumulator {
    Wide(Loc from, boolean isSigned) {
      super(from, isSigned);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long a = isSigned ? low.read(cpu) : low.unsigned(cpu);
      long b = isSigned ? from.read(cpu) : from.unsigned(cpu);
      long product = a * b;
      long upper = upper(a, b, product);
      low.write(cpu, 0, product);
      high.write(cpu, 0, upper);
      long result = low.sign(product);
      boolean fits = isSigned ? low.sign(upper) == result >> 63 : low.sign(upper) == 0;
      cpu.flagsOfResult(result, fits ? 0 : OVERFLOW);
      return next;
    }

    private long upper(long a, long b, long product) {
      if (from.shift != 0) {
        return product >>> from.bytes() * 8;
      }
      return isSigned ? Math.multiplyHigh(a, b) : Math.unsignedMultiplyHigh(a, b);
    }
  }

  private static final class Divide extends OfAccumulator {
    Divide(Loc from, boolean isSigned) {
      super(from, isSigned);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long divisor = isSigned ? from.read(cpu) : from.unsigned(cpu);
      if (divisor == 0) {
        throw cpu.fault(CpuFault.DE);
      } else if (from.shift == 0) {
        divide128(cpu, divisor);
      } else {
        divide64(cpu, divisor);
      }
      return next;
    }

    private void divide64(Cpu cpu, long divisor) {
      int bits = from.bytes() * 8;
      long dividend = high.read(cpu) << bits | low.unsigned(cpu);
      long all = isSigned || bits == 32 ? dividend : dividend & (1L << 2 * bits) - 1;
      long quotient = isSigned ? all / divisor : Long.divideUnsigned(all, divisor);
      long remainder = isSigned ? all % divisor : Long.remainderUnsigned(all, divisor);
      boolean fits = isSigned ? low.sign(quotient) == quotient : quotient >>> bits == 0;
      if (!fits || (isSigned && all == Long.MIN_VALUE && divisor == -1)) {
        throw cpu.fault(CpuFault.DE);
      }
      store(cpu, quotient, remainder);
    }

    private void divide128(Cpu cpu, long divisor) {
      long upper = cpu.gpr(Cpu.RDX);
      long lower = cpu.gpr(Cpu.RAX);
      boolean negative = isSigned && upper < 0;
      boolean opposite = isSigned && (upper < 0) != (divisor < 0);
      long h = negative ? ~upper + (lower == 0 ? 1 : 0) : upper;
      long l = negative ? -lower : lower;
      long d = isSigned && divisor < 0 ? -divisor : divisor;
      if (Long.compareUnsigned(h, d) >= 0) {
        throw cpu.fault(CpuFault.DE);
      }
      long q = Wide128.quotient(h, l, d);
      long r = l - q * d;
      if (isSigned && (opposite ? q < 0 && q != Long.MIN_VALUE : q < 0)) {
        throw cpu.fault(CpuFault.DE);
      }
      store(cpu, opposite ? -q : q, negative ? -r : r);
    }

    private void store(Cpu cpu, long quotient, long remainder) {
      low.write(cpu, 0, quotient);
      high.write(cpu, 0, remainder);
    }
  }
}
