package dev.javisor.x86.op.vector;

import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/// Integer and logical operations on vectors (SDM 1, 9.4 and 11.4.2), as functions of 64 bits: none
/// of these has a lane know of one that is further away.
final class Lanes {
  private Lanes() {}

  /// The function of `mnemonic`, or null if it is none of these.
  static @Nullable LongBinaryOperator of(String mnemonic) {
    return switch (mnemonic) {
      case "pand", "andps", "andpd" -> (a, b) -> a & b;
      case "pandn", "andnps", "andnpd" -> (a, b) -> ~a & b;
      case "por", "orps", "orpd" -> (a, b) -> a | b;
      case "pxor", "xorps", "xorpd" -> (a, b) -> a ^ b;
      case "paddb" -> add(8);
      case "paddw" -> add(16);
      case "paddd" -> add(32);
      case "paddq" -> Long::sum;
      case "psubb" -> subtract(8);
      case "psubw" -> subtract(16);
      case "psubd" -> subtract(32);
      case "psubq" -> (a, b) -> a - b;
      case "pcmpeqb" -> equal(8);
      case "pcmpeqw" -> equal(16);
      case "pcmpeqd" -> equal(32);
      case "pcmpgtb" -> signed(8, (a, b) -> a > b ? -1 : 0);
      case "pcmpgtw" -> signed(16, (a, b) -> a > b ? -1 : 0);
      case "pcmpgtd" -> signed(32, (a, b) -> a > b ? -1 : 0);
      default -> multiplying(mnemonic);
    };
  }

  private static @Nullable LongBinaryOperator multiplying(String mnemonic) {
    return switch (mnemonic) {
      case "pmullw" -> signed(16, (a, b) -> a * b);
      case "pmulhw" -> signed(16, (a, b) -> (a * b) >> 16);
      case "pmulhuw" -> unsigned(16, (a, b) -> (a * b) >> 16);
      case "pmuludq" -> (a, b) -> (a & 0xFFFF_FFFFL) * (b & 0xFFFF_FFFFL);
      case "pmaddwd" -> Lanes::multiplyAdd;
      case "psadbw" -> Lanes::sumOfDifferences;
      default -> saturating(mnemonic);
    };
  }

  private static @Nullable LongBinaryOperator saturating(String mnemonic) {
    return switch (mnemonic) {
      case "paddsb" -> signed(8, (a, b) -> Math.clamp(a + b, -0x80L, 0x7FL));
      case "paddsw" -> signed(16, (a, b) -> Math.clamp(a + b, -0x8000L, 0x7FFFL));
      case "psubsb" -> signed(8, (a, b) -> Math.clamp(a - b, -0x80L, 0x7FL));
      case "psubsw" -> signed(16, (a, b) -> Math.clamp(a - b, -0x8000L, 0x7FFFL));
      case "paddusb" -> unsigned(8, (a, b) -> Math.min(a + b, 0xFF));
      case "paddusw" -> unsigned(16, (a, b) -> Math.min(a + b, 0xFFFF));
      case "psubusb" -> unsigned(8, (a, b) -> Math.max(a - b, 0));
      case "psubusw" -> unsigned(16, (a, b) -> Math.max(a - b, 0));
      case "pminub" -> unsigned(8, Math::min);
      case "pmaxub" -> unsigned(8, Math::max);
      case "pminsw" -> signed(16, Math::min);
      case "pmaxsw" -> signed(16, Math::max);
      case "pavgb" -> unsigned(8, (a, b) -> (a + b + 1) >> 1);
      case "pavgw" -> unsigned(16, (a, b) -> (a + b + 1) >> 1);
      default -> null;
    };
  }

  /// `value`, which fits into `bits`, in every lane.
  static long everywhere(long value, int bits) {
    return value * Long.divideUnsigned(-1, -1L >>> (64 - bits));
  }

  /// Adds all but the highest bits, where a carry would leave the lane, and those without carry.
  private static LongBinaryOperator add(int bits) {
    long high = everywhere(1L << (bits - 1), bits);
    return (a, b) -> ((a & ~high) + (b & ~high)) ^ ((a ^ b) & high);
  }

  private static LongBinaryOperator subtract(int bits) {
    long high = everywhere(1L << (bits - 1), bits);
    return (a, b) -> ((a | high) - (b & ~high)) ^ ((a ^ ~b) & high);
  }

  /// Finds lanes with no bit set: adding all ones but the highest carries from any other.
  private static LongBinaryOperator equal(int bits) {
    long high = everywhere(1L << (bits - 1), bits);
    long all = (1L << bits) - 1;
    return (a, b) -> {
      long x = a ^ b;
      long differs = (((x & ~high) + ~high) | x) & high;
      return ((differs ^ high) >>> (bits - 1)) * all;
    };
  }

  /// `f` on lanes of `bits`, sign-extended.
  static LongBinaryOperator signed(int bits, LongBinaryOperator f) {
    long mask = (1L << bits) - 1;
    int down = 64 - bits;
    return (a, b) -> {
      long result = 0;
      for (int at = 0; at < 64; at += bits) {
        int up = down - at;
        result |= (f.applyAsLong(a << up >> down, b << up >> down) & mask) << at;
      }
      return result;
    };
  }

  /// `f` on lanes of `bits`, zero-extended.
  static LongBinaryOperator unsigned(int bits, LongBinaryOperator f) {
    long mask = (1L << bits) - 1;
    return (a, b) -> {
      long result = 0;
      for (int at = 0; at < 64; at += bits) {
        result |= (f.applyAsLong(a >> at & mask, b >> at & mask) & mask) << at;
      }
      return result;
    };
  }

  private static long multiplyAdd(long a, long b) {
    long result = 0;
    for (int at = 0; at < 64; at += 32) {
      long low = (short) (a >> at) * (long) (short) (b >> at);
      long high = (short) (a >> (at + 16)) * (long) (short) (b >> (at + 16));
      result |= (low + high & 0xFFFF_FFFFL) << at;
    }
    return result;
  }

  private static long sumOfDifferences(long a, long b) {
    long sum = 0;
    for (int at = 0; at < 64; at += 8) {
      sum += Math.abs((a >> at & 0xFF) - (b >> at & 0xFF));
    }
    return sum;
  }
}
