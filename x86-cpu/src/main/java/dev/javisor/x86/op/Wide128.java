package dev.javisor.x86.op;

/// Division of 128 bits by 64, all unsigned.
final class Wide128 {
  private static final long HALF = 0xFFFF_FFFFL;

  private Wide128() {}

  /// The quotient of `high:low` and `divisor`, of which `high` is less than `divisor`. In halves of
  /// 32 bits (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D).
  static long quotient(long high, long low, long divisor) {
    if (high == 0) {
      return Long.divideUnsigned(low, divisor);
    }
    int shift = Long.numberOfLeadingZeros(divisor);
    long d = divisor << shift;
    long h = shift == 0 ? high : high << shift | low >>> (64 - shift);
    long l = low << shift;
    long q1 = digit(h, l >>> 32, d);
    long rest = (h << 32 | l >>> 32) - q1 * d;
    long q0 = digit(rest, l & HALF, d);
    return q1 << 32 | q0;
  }

  /// One digit of 32 bits: `high:next` by `d`, whose top bit is set.
  private static long digit(long high, long next, long d) {
    long top = d >>> 32;
    long bottom = d & HALF;
    long q = Long.divideUnsigned(high, top);
    long r = high - q * top;
    while (q > HALF || Long.compareUnsigned(q * bottom, r << 32 | next) > 0) {
      q--;
      r += top;
      if (r > HALF) {
        break;
      }
    }
    return q;
  }
}
