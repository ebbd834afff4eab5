package dev.javisor.cli.options;

import java.util.Locale;
import java.util.StringJoiner;

/// How the values of options are understood; what cannot be is an [IllegalArgumentException].
public final class Readings {
  private Readings() {}

  public static int wholeNumber(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a whole number", e);
    }
  }

  /// One of an enum's, by its name in whatever case.
  public static <T extends Enum<T>> T choice(T[] choices, String text) {
    for (T choice : choices) {
      if (choice.name().equalsIgnoreCase(text)) {
        return choice;
      }
    }
    StringJoiner expected = new StringJoiner(" or ");
    for (T choice : choices) {
      expected.add(choice.name().toLowerCase(Locale.ROOT));
    }
    throw new IllegalArgumentException("'" + text + "' is not " + expected);
  }
}
