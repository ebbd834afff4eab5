package dev.javisor.x86.zydis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/// A list of differences by row: which columns there are besides rows and reason is the user's
/// business. Every row of every line has to be met.
final class RowDifferences {
  private final Map<String, List<Pattern>> patterns = new LinkedHashMap<>();
  private final Map<String, Boolean> met = new LinkedHashMap<>();

  RowDifferences(String file) {
    try (InputStream in = RowDifferences.class.getResourceAsStream(file)) {
      String text =
          new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.US_ASCII);
      text.lines().filter(line -> !line.startsWith("#")).forEach(this::add);
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  private void add(String line) {
    List<String> columns = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
    if (columns.getLast().isEmpty()) {
      throw new IllegalArgumentException("no reason: " + line);
    }
    String found = String.join(" | ", columns.subList(1, columns.size() - 1));
    for (String row : columns.getFirst().split("; *", -1)) {
      String regex = ("\\Q" + found + "\\E").replace("*", "\\E[0-9]+\\Q");
      patterns.computeIfAbsent(row, key -> new ArrayList<>()).add(Pattern.compile(regex));
      met.put(row + " | " + regex, false);
    }
  }

  /// Whether the list has `row` with `found`, columns parted by " | ".
  boolean allow(String row, String found) {
    for (Pattern pattern : patterns.getOrDefault(row, List.of())) {
      if (pattern.matcher(found).matches()) {
        met.put(row + " | " + pattern, true);
        return true;
      }
    }
    return false;
  }

  /// What nothing has met.
  List<String> unmet() {
    return met.entrySet().stream()
        .filter(line -> !line.getValue())
        .map(line -> line.getKey().replace("\\Q", "").replace("\\E", ""))
        .toList();
  }
}
