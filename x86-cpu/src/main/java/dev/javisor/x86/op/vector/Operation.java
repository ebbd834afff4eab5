package dev.javisor.x86.op.vector;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// Operations whose results may be too large or too small, and whether they are exact if exponents
/// have no bounds.
enum Operation {
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  /// From double to single precision: of the second number.
  NARROW;

  /// The operation of `mnemonic`, or null if its results are in range.
  static @Nullable Operation of(String mnemonic) {
    return switch (mnemonic) {
      case "addps", "addpd", "addss", "addsd" -> ADD;
      case "subps", "subpd", "subss", "subsd" -> SUBTRACT;
      case "mulps", "mulpd", "mulss", "mulsd" -> MULTIPLY;
      case "divps", "divpd", "divss", "divsd" -> DIVIDE;
      case "cvtpd2ps", "cvtsd2ss" -> NARROW;
      default -> null;
    };
  }

  /// Whether the result for finite `a` and `b` has at most `bits` significant ones; of a division
  /// by anything but zero.
  boolean isExact(double a, double b, int bits) {
    return switch (this) {
      case ADD -> significant(new BigDecimal(a).add(new BigDecimal(b))) <= bits;
      case SUBTRACT -> significant(new BigDecimal(a).subtract(new BigDecimal(b))) <= bits;
      case MULTIPLY -> significant(new BigDecimal(a).multiply(new BigDecimal(b))) <= bits;
      case DIVIDE -> isExactQuotient(odd(new BigDecimal(a)), odd(new BigDecimal(b)), bits);
      case NARROW -> significant(new BigDecimal(b)) <= bits;
    };
  }

  private static int significant(BigDecimal number) {
    return odd(number).bitLength();
  }

  private static boolean isExactQuotient(BigInteger a, BigInteger b, int bits) {
    BigInteger[] quotient = a.divideAndRemainder(b);
    return quotient[1].signum() == 0 && quotient[0].bitLength() <= bits;
  }

  /// A number with a finite binary expansion, without its sign and its powers of two. Behind the
  /// decimal point it has as many powers of five.
  private static BigInteger odd(BigDecimal number) {
    BigInteger digits = number.unscaledValue().abs();
    int scale = number.scale();
    BigInteger five = BigInteger.valueOf(5).pow(Math.abs(scale));
    BigInteger whole = scale > 0 ? digits.divide(five) : digits.multiply(five);
    return whole.signum() == 0 ? whole : whole.shiftRight(whole.getLowestSetBit());
  }
}
