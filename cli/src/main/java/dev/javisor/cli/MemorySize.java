package dev.javisor.cli;

import java.util.Locale;

/// `512M`, `2G`, `2048K` or a number of bytes; `B` and `iB` may follow.
public final class MemorySize {
  private static final String UNITS = "KMGT";
  private static final int DIGITS_MAX = 15;

  private MemorySize() {}

  public static long parse(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    int shift = shift(text.substring(digits));
    if (digits == 0 || digits > DIGITS_MAX || shift < 0) {
      throw new IllegalArgumentException("'" + text + "' is no amount of memory: say 512M or 2G");
    }
    try {
      return Math.multiplyExact(Long.parseLong(text.substring(0, digits)), 1L << shift);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'" + text + "' is more memory than there is", e);
    }
  }

  /// The power of two that a unit stands for, or -1.
  private static int shift(String unit) {
    String upper = unit.toUpperCase(Locale.ROOT);
    if (upper.isEmpty() || upper.equals("B")) {
      return 0;
    }
    String rest = upper.substring(1);
    boolean whole = rest.isEmpty() || rest.equals("B") || rest.equals("IB");
    int index = UNITS.indexOf(upper.charAt(0));
    return whole && index >= 0 ? (index + 1) * 10 : -1;
  }

  /// The shortest exact way to write it.
  public static String format(long bytes) {
    long value = bytes;
    int unit = -1;
    while (unit < UNITS.length() - 1 && value % 1024 == 0 && value > 0) {
      value /= 1024;
      unit++;
    }
    return unit < 0 ? Long.toString(value) : value + UNITS.substring(unit, unit + 1);
  }
}
