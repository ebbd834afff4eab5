package dev.javisor.cli.options;

import java.util.ArrayList;
import java.util.List;

/// What `--help` says of a command.
///
/// @param header one line: what the command does
/// @param synopsis how it is called
/// @param description between synopsis and options; with its line ends, empty for none
/// @param options in the order in which they are told
/// @param footer behind the options; with its line ends, empty for none
public record Help(
    String header, String synopsis, String description, List<Option> options, String footer) {
  private static final int COLUMNS = 80;

  /// Where descriptions begin; an option that needs more has a line of its own.
  private static final int INDENT = 25;

  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(header).append("\nUsage: ").append(synopsis).append('\n').append(description);
    for (Option option : options) {
      append(option, text);
    }
    return text.append(footer).toString();
  }

  private static void append(Option option, StringBuilder text) {
    String names = names(option);
    List<String> lines = wrapped(option.description());
    boolean beside = names.length() < INDENT - 1 && !lines.isEmpty();
    text.append(names);
    if (!beside) {
      text.append('\n');
    }
    int column = beside ? names.length() : 0;
    for (String line : lines) {
      text.append(" ".repeat(INDENT - column)).append(line).append('\n');
      column = 0;
    }
  }

  /// `  -m, --memory=SIZE`, `      --dry-run`, `  -v`.
  private static String names(Option option) {
    String value = option.takesValue() ? "=" + option.label() : "";
    if (option.letter() != null) {
      return "  " + option.letter() + ", " + option.name() + value;
    }
    return (option.name().startsWith("--") ? "      " : "  ") + option.name() + value;
  }

  /// Broken between words; lines after the first stand two further in.
  private static List<String> wrapped(String description) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : description.split(" ", -1)) {
      if (INDENT + line.length() + 1 + word.length() > COLUMNS) {
        lines.add(line.toString());
        line = new StringBuilder("  ").append(word);
      } else {
        line.append(line.isEmpty() ? "" : " ").append(word);
      }
    }
    lines.add(line.toString());
    return lines;
  }
}
