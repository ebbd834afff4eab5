package dev.javisor.cli.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What was given to a command: options in any order, then, behind `--`, words that are not ours.
public final class Arguments {
  private static final String DASHES = "--";

  private final List<Option> known;
  private final Map<String, List<String>> given = new TreeMap<>();
  private @Nullable String stray;
  private @Nullable List<String> behindDashes;

  private Arguments(List<Option> known) {
    this.known = known;
  }

  /// @throws UsageException for what `known` does not allow
  public static Arguments parse(List<Option> known, List<String> words) {
    Arguments arguments = new Arguments(known);
    int next = 0;
    while (next < words.size()) {
      next = arguments.take(words, next);
    }
    return arguments;
  }

  /// Takes the word at `at`, and the next if that is its value; returns where the rest begins.
  private int take(List<String> words, int at) {
    String word = words.get(at);
    if (word.equals(DASHES)) {
      behindDashes = List.copyOf(words.subList(at + 1, words.size()));
      return words.size();
    }
    if (word.startsWith(DASHES)) {
      return takeLong(word, words, at + 1);
    }
    if (word.startsWith("-") && word.length() > 1) {
      return takeLetters(word, words, at + 1);
    }
    stray = stray == null ? word : stray;
    return at + 1;
  }

  private int takeLong(String word, List<String> words, int next) {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    Option option = find(name);
    if (option == null) {
      throw new UsageException("unknown option: '" + name + "'");
    }
    if (equals < 0) {
      return takeWith(option, words, next);
    }
    if (!option.takesValue()) {
      throw new UsageException("option '" + name + "' takes no value");
    }
    add(option, word.substring(equals + 1));
    return next;
  }

  /// `-v`, `-m 1G`, `-m1G`, `-m=1G`, `-vm1G`.
  private int takeLetters(String word, List<String> words, int next) {
    for (int i = 1; i < word.length(); i++) {
      Option option = find("-" + word.charAt(i));
      if (option == null) {
        throw new UsageException("unknown option: '-" + word.charAt(i) + "'");
      }
      if (option.takesValue() && i + 1 < word.length()) {
        add(option, word.substring(word.charAt(i + 1) == '=' ? i + 2 : i + 1));
        return next;
      }
      if (option.takesValue()) {
        return takeWith(option, words, next);
      }
      add(option, "");
    }
    return next;
  }

  private int takeWith(Option option, List<String> words, int next) {
    if (!option.takesValue()) {
      add(option, "");
      return next;
    }
    if (next == words.size()) {
      throw new UsageException(
          "option '" + option.name() + "' needs a value, " + option.label() + ", behind it");
    }
    String value = words.get(next);
    if (value.equals(DASHES) || find(value) != null) {
      throw new UsageException(
          "option '"
              + option.name()
              + "' needs a value, "
              + option.label()
              + ", but '"
              + value
              + "' follows; if that is meant: "
              + option.name()
              + "="
              + value);
    }
    add(option, value);
    return next + 1;
  }

  private @Nullable Option find(String word) {
    for (Option option : known) {
      if (option.isCalled(word)) {
        return option;
      }
    }
    return null;
  }

  private void add(Option option, String value) {
    List<String> values = given.computeIfAbsent(option.name(), _ -> new ArrayList<>());
    if (option.takesValue() && !option.repeatable() && !values.isEmpty()) {
      throw new UsageException("option '" + option.name() + "' may be given only once");
    }
    values.add(value);
  }

  public boolean has(Option option) {
    return given.containsKey(option.name());
  }

  /// The option's value, or null if it was not given.
  public @Nullable String value(Option option) {
    List<String> values = given.get(option.name());
    return values == null ? null : values.get(0);
  }

  /// As `reading` understands it, which throws an [IllegalArgumentException] if it does not.
  public <T> @Nullable T value(Option option, Function<String, T> reading) {
    String text = value(option);
    try {
      return text == null ? null : reading.apply(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("option '" + option.name() + "': " + e.getMessage());
    }
  }

  /// All values of an option that may be repeated, or null if it was not given.
  public @Nullable List<String> values(Option option) {
    return given.get(option.name());
  }

  /// The first word that is neither an option nor behind `--`, or null.
  public @Nullable String stray() {
    return stray;
  }

  /// What stands behind `--`, or null if there was none.
  public @Nullable List<String> behindDashes() {
    return behindDashes;
  }
}
