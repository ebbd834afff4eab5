package dev.javisor.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `512M`, `2G`, `2048K` or a number of bytes.
public final class MemorySize implements ITypeConverter<Long> {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([KMGT]?)(i?B)?");

  @Override
  public Long convert(String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  public static long parse(String text) {
    Matcher size = SIZE.matcher(text.toUpperCase(Locale.ROOT).replace("IB", "").replace("B", ""));
    if (!size.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no amount of memory: say 512M or 2G".formatted(text));
    }
    int shift = " KMGT".indexOf(size.group(2).isEmpty() ? " " : size.group(2)) * 10;
    try {
      return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << shift);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'" + text + "' is more memory than there is", e);
    }
  }

  /// The shortest exact way to write it.
  public static String format(long bytes) {
    String units = "KMGT";
    long value = bytes;
    int unit = -1;
    while (unit < units.length() - 1 && value % 1024 == 0 && value > 0) {
      value /= 1024;
      unit++;
    }
    return unit < 0 ? Long.toString(value) : value + units.substring(unit, unit + 1);
  }
}
