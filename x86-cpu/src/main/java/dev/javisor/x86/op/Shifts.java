package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Flags;
import org.jspecify.annotations.Nullable;

/// Shifts and rotations (SDM 2: SAL/SAR/SHL/SHR, RCL/RCR/ROL/ROR, SHLD, SHRD). Counts are masked to
/// 5 bits, of 64-bit operands to 6; a count of 0 changes no flag. OF is computed for every count as
/// for 1, which is what processors do where the manual leaves it undefined.
final class Shifts extends Op {
  private final Kind kind;
  private final Loc to;
  private final @Nullable Loc filler;
  private final Loc count;
  private final int width;
  private final int countMask;

  /// What is done; the count is never 0 here, and values are zero-extended.
  private enum Kind {
    ROL,
    ROR,
    RCL,
    RCR,
    SHL,
    SHR,
    SAR,
    SHLD,
    SHRD
  }

  private Shifts(Kind kind, Loc to, @Nullable Loc filler, Loc count) {
    this.kind = kind;
    this.to = to;
    this.filler = filler;
    this.count = count;
    this.width = to.bytes() * 8;
    this.countMask = width == 64 ? 63 : 31;
  }

  static Op of(Context c) {
    boolean isDouble = c.operands() == 3;
    Loc count = c.loc(isDouble ? 2 : 1);
    Kind kind = Kind.valueOf(c.mnemonic().toUpperCase(java.util.Locale.ROOT));
    if (c.loc(0) instanceof Loc.Register r && r.bytes() >= 4 && count instanceof Loc.Constant k) {
      int by = (int) k.value & (r.bytes() == 8 ? 63 : 31);
      Op op = by == 0 ? null : ofConstant(kind, r, by);
      if (op != null) {
        return op;
      }
    }
    return new Shifts(kind, c.loc(0), isDouble ? c.loc(1) : null, count);
  }

  private static @Nullable Op ofConstant(Kind kind, Loc.Register r, int by) {
    int width = r.bytes() * 8;
    return switch (kind) {
      case SHL -> new ShlConstant(r, by);
      case SHR -> new ShrConstant(r, by);
      case SAR -> new SarConstant(r, by);
      case ROL -> new RotateConstant(r, by, true);
      case ROR -> new RotateConstant(r, width - by, false);
      default -> null;
    };
  }

  @Override
  public @Nullable Op exec(Cpu cpu) {
    int by = (int) count.read(cpu) & countMask;
    long address = to.addressForWrite(cpu);
    long old = to.read(cpu, address);
    if (by == 0) {
      // A 32-bit register's upper half is cleared all the same.
      to.write(cpu, address, old);
      return next;
    }
    long value = to.shift == 0 ? old : old << to.shift >>> to.shift;
    switch (kind) {
      case ROL -> rotate(cpu, address, value, by % width);
      case ROR -> rotate(cpu, address, value, (width - by % width) % width);
      case RCL -> rotateThroughCarry(cpu, address, value, by % (width + 1));
      case RCR ->
          rotateThroughCarry(cpu, address, value, (width + 1 - by % (width + 1)) % (width + 1));
      case SHL -> shl(cpu, address, value, by);
      case SHR -> shr(cpu, address, value, by);
      case SAR -> sar(cpu, address, old, by);
      case SHLD -> shld(cpu, address, value, by);
      case SHRD -> shrd(cpu, address, value, by);
    }
    return next;
  }

  private boolean top(long value) {
    return (value >>> (width - 1) & 1) != 0;
  }

  /// To the left by `by`, 0 if the count was a multiple of the width: flags change even then.
  private void rotate(Cpu cpu, long address, long value, int by) {
    long result = by == 0 ? value : mask(value << by | value >>> (width - by));
    to.write(cpu, address, result);
    boolean carry = kind == Kind.ROL ? (result & 1) != 0 : top(result);
    boolean overflow = kind == Kind.ROL ? top(result) != carry : top(result) != top(result << 1);
    carryAndOverflow(cpu, carry, overflow);
  }

  /// To the left by `by` of width + 1 places.
  private void rotateThroughCarry(Cpu cpu, long address, long value, int by) {
    boolean carry = cpu.carry();
    long result = value;
    if (by != 0) {
      long high = by > 63 ? 0 : value << by;
      long low = width - by + 1 > 63 ? 0 : value >>> (width - by + 1);
      result = mask(high | low | (carry ? 1L << (by - 1) : 0));
      carry = (value >>> (width - by) & 1) != 0;
    }
    to.write(cpu, address, result);
    boolean overflow = kind == Kind.RCL ? top(result) != carry : top(result) != top(result << 1);
    carryAndOverflow(cpu, carry, overflow);
  }

  private static void carryAndOverflow(Cpu cpu, boolean carry, boolean overflow) {
    cpu.carryAndOverflow(flags(carry, overflow));
  }

  private static int flags(boolean carry, boolean overflow) {
    return (carry ? Flags.CF : 0) | (overflow ? Flags.OF : 0);
  }

  private void shl(Cpu cpu, long address, long value, int by) {
    long result = to.sign(value << by);
    boolean carry = by <= width && (value >>> (width - by) & 1) != 0;
    finish(cpu, address, result, carry, result < 0 != carry);
  }

  private void shr(Cpu cpu, long address, long value, int by) {
    long result = to.sign(value >>> by);
    finish(cpu, address, result, (value >>> (by - 1) & 1) != 0, top(value));
  }

  private void sar(Cpu cpu, long address, long signed, int by) {
    finish(cpu, address, signed >> by, (signed >> (by - 1) & 1) != 0, false);
  }

  private void shld(Cpu cpu, long address, long value, int by) {
    long fill = filler == null ? 0 : filler.unsigned(cpu);
    // Of 16 bits counts above 16 go on with the target's own, as processors do.
    long result =
        by <= width
            ? value << by | (by == width ? fill : fill >>> (width - by))
            : fill << (by - width) | value >>> (2 * width - by);
    boolean carry =
        by <= width ? (value >>> (width - by) & 1) != 0 : (fill >>> (2 * width - by) & 1) != 0;
    finish(cpu, address, to.sign(result), carry, top(result) != top(value));
  }

  private void shrd(Cpu cpu, long address, long value, int by) {
    long fill = filler == null ? 0 : filler.unsigned(cpu);
    long result =
        by < width
            ? value >>> by | fill << (width - by)
            : by == width ? fill : fill >>> (by - width) | value << (2 * width - by);
    boolean carry =
        by <= width ? (value >>> (by - 1) & 1) != 0 : (fill >>> (by - width - 1) & 1) != 0;
    finish(cpu, address, to.sign(result), carry, top(result) != top(value));
  }

  private void finish(Cpu cpu, long address, long result, boolean carry, boolean overflow) {
    to.write(cpu, address, result);
    cpu.flagsOfResult(result, flags(carry, overflow));
  }

  private long mask(long value) {
    return value << to.shift >>> to.shift;
  }

  @Override
  public boolean isOnStack() {
    return to.isOnStack();
  }

  /// SHL of a register of 4 or 8 bytes by a constant that is not 0.
  private static final class ShlConstant extends Op {
    private final Loc.Register to;
    private final int by;

    ShlConstant(Loc.Register to, int by) {
      this.to = to;
      this.by = by;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long old = cpu.gpr(to.number) << to.shift;
      long result = old << by >> to.shift;
      boolean carry = (old >>> (64 - by) & 1) != 0;
      cpu.put(to.number, result, to.shift);
      cpu.flagsOfResult(result, flags(carry, result < 0 != carry));
      return next;
    }
  }

  /// SHR, likewise.
  private static final class ShrConstant extends Op {
    private final Loc.Register to;
    private final int by;

    ShrConstant(Loc.Register to, int by) {
      this.to = to;
      this.by = by;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long old = cpu.gpr(to.number) << to.shift >>> to.shift;
      long result = old >>> by;
      cpu.put(to.number, result, to.shift);
      boolean overflow = old << to.shift < 0;
      cpu.flagsOfResult(result, flags((old >>> (by - 1) & 1) != 0, overflow));
      return next;
    }
  }

  /// SAR, likewise.
  private static final class SarConstant extends Op {
    private final Loc.Register to;
    private final int by;

    SarConstant(Loc.Register to, int by) {
      this.to = to;
      this.by = by;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long old = cpu.signed(to.number, to.shift);
      cpu.put(to.number, old >> by, to.shift);
      cpu.flagsOfResult(old >> by, (int) (old >> (by - 1)) & Flags.CF);
      return next;
    }
  }

  /// ROL by `by`, or ROR by the rest of the width.
  private static final class RotateConstant extends Op {
    private final Loc.Register to;
    private final int by;
    private final boolean isLeft;

    RotateConstant(Loc.Register to, int by, boolean isLeft) {
      this.to = to;
      this.by = by;
      this.isLeft = isLeft;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long old = cpu.gpr(to.number);
      long result =
          to.shift == 0
              ? Long.rotateLeft(old, by)
              : Integer.rotateLeft((int) old, by) & 0xFFFF_FFFFL;
      cpu.put(to.number, result, to.shift);
      long top = result << to.shift;
      boolean carry = isLeft ? (result & 1) != 0 : top < 0;
      boolean overflow = isLeft ? top < 0 != carry : top < 0 != top << 1 < 0;
      carryAndOverflow(cpu, carry, overflow);
      return next;
    }
  }
}
