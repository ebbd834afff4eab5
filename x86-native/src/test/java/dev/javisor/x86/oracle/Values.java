package dev.javisor.x86.oracle;

import java.util.Arrays;
import java.util.SplittableRandom;

/// Values worth trying: zero, ones, limits, what is next to them, kinds of floating-point numbers;
/// and random ones between. Index `i` of a width always means the same value.
final class Values {
  private static final int INTEGERS = 16;
  private static final int[] COUNTS = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65};

  private static final int[] FLOATS = {
    0,
    0x8000_0000,
    0x3F80_0000, // 1
    0xBF80_0000,
    0x7F80_0000, // infinity
    0xFF80_0000,
    0x7FC0_0000, // quiet NaN
    0xFFC0_1234,
    0x7F80_0001, // signalling NaN
    0x0000_0001, // denormal
    0x807F_FFFF,
    0x0080_0000, // the least normal
    0x7F7F_FFFF, // the greatest
    0x4F00_0000, // 2^31
    0xCF00_0001,
    0x3F00_0001
  };

  private static final long[] DOUBLES = {
    0,
    0x8000_0000_0000_0000L,
    0x3FF0_0000_0000_0000L,
    0xBFF0_0000_0000_0000L,
    0x7FF0_0000_0000_0000L,
    0xFFF0_0000_0000_0000L,
    0x7FF8_0000_0000_0000L,
    0xFFF8_0000_0000_1234L,
    0x7FF0_0000_0000_0001L,
    0x0000_0000_0000_0001L,
    0x800F_FFFF_FFFF_FFFFL,
    0x0010_0000_0000_0000L,
    0x7FEF_FFFF_FFFF_FFFFL,
    0x41E0_0000_0000_0000L,
    0xC3E0_0000_0000_0001L,
    0x3FE0_0000_0000_0001L
  };

  /// Sign and exponent of x87 registers, and significands for them.
  private static final int[] EXPONENTS = {0, 0x8000, 0x3FFF, 0xBFFF, 0x7FFF, 0xFFFF, 1, 0x401E};

  private static final long[] SIGNIFICANDS = {
    0, 1L << 63, 3L << 62, 1L << 63 | 1, 1, 1L << 62, -1L, 0xC000_0000_0000_1234L
  };

  /// Many of what [#newLanes] makes, which takes its time.
  private static final int LANES_SHIFT = 20;

  private static final long[] LANES = new long[1 << (32 - LANES_SHIFT)];

  static {
    Arrays.setAll(LANES, index -> newLanes(new SplittableRandom(index)));
  }

  /// Every width has this many.
  static final int CORNERS = INTEGERS;

  private Values() {}

  /// A corner of an integer of `bytes` bytes, sign-extended.
  static long integer(int bytes, int index) {
    int bits = 8 * bytes;
    long max = -1L >>> (65 - bits);
    return switch (index & INTEGERS - 1) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> -1;
      case 3 -> max;
      case 4 -> ~max;
      case 5 -> max - 1;
      case 6 -> ~max + 1;
      case 7 -> 2;
      case 8 -> -2;
      case 9 -> 0x5555_5555_5555_5555L;
      case 10 -> 0x0F0F_0F0F_0F0F_0F0FL;
      case 11 -> 1L << (bits / 2 - 1);
      case 12 -> (1L << (bits / 2)) - 1;
      case 13 -> -1L << (bits / 2);
      case 14 -> 10;
      default -> 0x9A;
    };
  }

  /// A corner of a shift's count; all 8 bits count, the processor masks them.
  static int count(int index, SplittableRandom random) {
    int low = COUNTS[index & COUNTS.length - 1];
    return random.nextInt(8) == 0 ? low | random.nextInt(4) << 6 : low;
  }

  /// Any value, of any magnitude.
  static long any(SplittableRandom random) {
    return random.nextLong() >> random.nextInt(64);
  }

  /// 8 bytes of lanes, each a corner.
  static long lanes(SplittableRandom random) {
    return LANES[random.nextInt() >>> LANES_SHIFT];
  }

  private static long newLanes(SplittableRandom random) {
    int choice = random.nextInt();
    int index = choice >>> 8;
    return switch (choice & 7) {
      case 0, 1 -> (FLOATS[index & 15] & 0xFFFF_FFFFL) | (long) FLOATS[index >> 4 & 15] << 32;
      case 2, 3 -> DOUBLES[index & 15];
      case 4 -> integer(8, index);
      case 5 -> narrow(4, index);
      case 6 -> narrow(2, index);
      default -> narrow(1, index) ^ (random.nextLong() & 0xFF00FF00FF00FFL);
    };
  }

  private static long narrow(int bytes, int index) {
    long lanes = 0;
    int next = index;
    for (int at = 0; at < Long.BYTES; at += bytes) {
      lanes |= (integer(bytes, next) & (1L << (8 * bytes)) - 1) << (8 * at);
      next = next * 5 + 3;
    }
    return lanes;
  }

  static int exponent(SplittableRandom random) {
    int choice = random.nextInt();
    return (choice & 3) == 0 ? 0x3FF0 + (choice >>> 8 & 31) : EXPONENTS[choice >>> 4 & 7];
  }

  static long significand(SplittableRandom random) {
    int choice = random.nextInt();
    return (choice & 3) == 0 ? random.nextLong() | 1L << 63 : SIGNIFICANDS[choice >>> 4 & 7];
  }
}
