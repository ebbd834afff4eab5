package dev.javisor.x86.op.vector;

import dev.javisor.x86.op.Context;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Lanes made half as wide, with saturation (SDM 2: PACKSSWB, PACKSSDW, PACKUSWB).
final class Packs {
  private Packs() {}

  /// The action of `c`, or null if it is none of these.
  static @Nullable Action of(Context c) {
    return switch (c.mnemonic()) {
      case "packsswb" -> pack(c, 16, a -> Math.clamp(a, -0x80L, 0x7FL));
      case "packuswb" -> pack(c, 16, a -> Math.clamp(a, 0L, 0xFFL));
      case "packssdw" -> pack(c, 32, a -> Math.clamp(a, -0x8000L, 0x7FFFL));
      default -> null;
    };
  }

  private static Action pack(Context c, int bits, LongUnaryOperator saturate) {
    if (c.bytes(0) == 8) {
      return Action.halves(8, (a, b) -> both(a, b, bits, saturate));
    }
    return (cpu, t, s) ->
        Action.both(
            cpu,
            t,
            both(cpu.get(t), cpu.get(t + 8), bits, saturate),
            both(cpu.get(s), cpu.get(s + 8), bits, saturate));
  }

  private static long both(long low, long high, int bits, LongUnaryOperator saturate) {
    return half(low, bits, saturate) | half(high, bits, saturate) << 32;
  }

  /// 64 bits made 32.
  private static long half(long value, int bits, LongUnaryOperator saturate) {
    long mask = (1L << (bits / 2)) - 1;
    long result = 0;
    for (int at = 0; at < 64; at += bits) {
      long lane = value << (64 - bits - at) >> (64 - bits);
      result |= (saturate.applyAsLong(lane) & mask) << (at / 2);
    }
    return result;
  }
}
