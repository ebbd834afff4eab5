package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.Mxcsr;

/// Single and double precision as bits (SDM 1, 4.2.2).
enum Format {
  SINGLE(4, 23, 8),
  DOUBLE(8, 52, 11);

  private final int bytes;
  private final int precision;
  private final long mask;
  private final long sign;
  private final long exponent;
  private final long quiet;

  Format(int bytes, int fractionBits, int exponentBits) {
    this.bytes = bytes;
    precision = fractionBits + 1;
    mask = -1L >>> (64 - 8 * bytes);
    sign = 1L << (8 * bytes - 1);
    exponent = ((1L << exponentBits) - 1) << fractionBits;
    quiet = 1L << (fractionBits - 1);
  }

  static Format of(int bytes) {
    return bytes == 4 ? SINGLE : DOUBLE;
  }

  int bytes() {
    return bytes;
  }

  /// Bits of a significand.
  int precision() {
    return precision;
  }

  long mask() {
    return mask;
  }

  /// The number in the low bits of `bits`; with `isZero` a denormal is a zero of its sign.
  long take(long bits, boolean isZero) {
    long number = bits & mask;
    return isZero && isDenormal(number) ? number & sign : number;
  }

  boolean isNan(long number) {
    return (number & ~sign) > exponent && (number & exponent) == exponent;
  }

  boolean isDenormal(long number) {
    return (number & exponent) == 0 && (number & ~sign) != 0;
  }

  private boolean isSignaling(long number) {
    return isNan(number) && (number & quiet) == 0;
  }

  /// What comparing `a` and `b` raises: a NaN comes before a denormal (SDM 1, 4.9.2).
  int exceptions(long a, long b, boolean isQuietInvalid) {
    boolean isUnordered = isNan(a) || isNan(b);
    if (isSignaling(a) || isSignaling(b) || (isUnordered && isQuietInvalid)) {
      return Mxcsr.IE;
    }
    return !isUnordered && (isDenormal(a) || isDenormal(b)) ? Mxcsr.DE : 0;
  }

  /// Exact; a NaN is some NaN.
  double value(long number) {
    return bytes == 4 ? Float.intBitsToFloat((int) number) : Double.longBitsToDouble(number);
  }
}
