package dev.javisor.cli.options;

import org.jspecify.annotations.Nullable;

/// One option of a command.
///
/// @param name `--memory`; of an option that has no long name, `-v`
/// @param letter `-m`, another name of it, or null
/// @param label what its value is called in texts; empty if it takes none
/// @param repeatable whether it may be given more than once
/// @param description what `--help` says of it
public record Option(
    String name, @Nullable String letter, String label, boolean repeatable, String description) {

  public static Option flag(String name, String description) {
    return new Option(name, null, "", false, description);
  }

  public static Option value(String name, String label, String description) {
    return new Option(name, null, label, false, description);
  }

  public Option orLetter(String newLetter) {
    return new Option(name, newLetter, label, repeatable, description);
  }

  public Option often() {
    return new Option(name, letter, label, true, description);
  }

  boolean takesValue() {
    return !label.isEmpty();
  }

  boolean isCalled(String word) {
    return word.equals(name) || word.equals(letter);
  }
}
