package dev.javisor.x86.op.vector;

import dev.javisor.x86.op.Context;
import dev.javisor.x86.table.Kind;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/// Shifts of lanes by one count for all, and of whole registers by bytes (SDM 2: PSLLW and its
/// like). The count is an immediate or the other operand's low 64 bits; one that is too large
/// leaves nothing but, after PSRAx, signs.
final class Shifts {
  private Shifts() {}

  /// The action of a shift, or null if it is none.
  static @Nullable Action of(Context c) {
    int count = (int) c.instruction().immediate() & 0xFF;
    return switch (c.mnemonic()) {
      case "psllw" -> lanes(c, (a, n) -> left(a, n, 16));
      case "pslld" -> lanes(c, (a, n) -> left(a, n, 32));
      case "psllq" -> lanes(c, (a, n) -> left(a, n, 64));
      case "psrlw" -> lanes(c, (a, n) -> right(a, n, 16));
      case "psrld" -> lanes(c, (a, n) -> right(a, n, 32));
      case "psrlq" -> lanes(c, (a, n) -> right(a, n, 64));
      case "psraw" -> lanes(c, arithmetic(16));
      case "psrad" -> lanes(c, arithmetic(32));
      case "pslldq" -> bytesLeft(8 * count);
      case "psrldq" -> bytesRight(8 * count);
      default -> null;
    };
  }

  /// @param shift of 64 bits by an unsigned count
  private static Action lanes(Context c, LongBinaryOperator shift) {
    if (c.kind(1) == Kind.I) {
      long count = c.instruction().immediate() & 0xFF;
      return Action.halves(c.bytes(0), (a, _) -> shift.applyAsLong(a, count));
    }
    return c.bytes(0) == 8
        ? Action.halves(8, shift)
        : (cpu, t, s) -> {
          long count = cpu.get(s);
          Action.both(
              cpu,
              t,
              shift.applyAsLong(cpu.get(t), count),
              shift.applyAsLong(cpu.get(t + 8), count));
        };
  }

  private static boolean isTooFar(long count, int bits) {
    return Long.compareUnsigned(count, bits) >= 0;
  }

  private static long left(long value, long count, int bits) {
    long lane = -1L >>> (64 - bits);
    return isTooFar(count, bits)
        ? 0
        : value << count & Lanes.everywhere(lane << count & lane, bits);
  }

  private static long right(long value, long count, int bits) {
    long lane = -1L >>> (64 - bits);
    return isTooFar(count, bits) ? 0 : value >>> count & Lanes.everywhere(lane >>> count, bits);
  }

  private static LongBinaryOperator arithmetic(int bits) {
    LongBinaryOperator shift = Lanes.signed(bits, (a, n) -> a >> n);
    return (a, n) -> shift.applyAsLong(a, Lanes.everywhere(isTooFar(n, bits) ? bits - 1 : n, bits));
  }

  private static Action bytesLeft(int bits) {
    return (cpu, t, _) -> {
      long low = cpu.get(t);
      long high = shift(cpu.get(t + 8), bits) | shift(low, bits - 64);
      Action.both(cpu, t, shift(low, bits), high);
    };
  }

  private static Action bytesRight(int bits) {
    return (cpu, t, _) -> {
      long high = cpu.get(t + 8);
      long low = shift(cpu.get(t), -bits) | shift(high, 64 - bits);
      Action.both(cpu, t, low, shift(high, -bits));
    };
  }

  /// To the left, or if `by` is negative to the right, however far.
  private static long shift(long value, int by) {
    if (by >= 64 || by <= -64) {
      return 0;
    }
    return by >= 0 ? value << by : value >>> -by;
  }
}
