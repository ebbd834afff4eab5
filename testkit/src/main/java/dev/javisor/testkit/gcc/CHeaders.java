package dev.javisor.testkit.gcc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Constant expressions of C, valued by gcc against the headers of this machine.
public final class CHeaders {
  private static final String REMEDY =
      "gcc and the kernel's headers are needed: apt-get install gcc libc6-dev linux-libc-dev";

  private final List<String> includes;

  /// @param includes `linux/kvm.h`, in this order
  public CHeaders(String... includes) {
    this.includes = List.of(includes);
  }

  /// The value of each expression. One that these headers do not know, since it is newer, has none.
  ///
  /// @throws AssertionError with the remedy if there is no compiler
  public Map<String, Long> valuesOf(Collection<String> expressions) {
    List<String> known = new ArrayList<>(expressions);
    if (!compiles(known)) {
      known.removeIf(expression -> !compiles(List.of(expression)));
      if (known.isEmpty()) {
        throw new AssertionError("gcc accepts nothing of " + includes + "; " + REMEDY);
      }
    }
    String[] lines = run(known).split("\n");
    if (lines.length != known.size()) {
      throw new AssertionError(known.size() + " expressions, " + lines.length + " values");
    }
    Map<String, Long> values = new TreeMap<>();
    for (int i = 0; i < lines.length; i++) {
      values.put(known.get(i), Long.parseLong(lines[i]));
    }
    return values;
  }

  private String program(List<String> expressions) {
    StringBuilder text = new StringBuilder("#include <stdio.h>\n#include <stddef.h>\n");
    includes.forEach(include -> text.append("#include <").append(include).append(">\n"));
    text.append("int main(void) {\n");
    for (String expression : expressions) {
      text.append("printf(\"%lld\\n\", (long long)(").append(expression).append("));\n");
    }
    return text.append("return 0; }\n").toString();
  }

  private boolean compiles(List<String> expressions) {
    return gcc(program(expressions), "-fsyntax-only") == 0;
  }

  private String run(List<String> expressions) {
    try {
      Path binary = Files.createTempFile("headers", ".bin");
      try {
        int exit = gcc(program(expressions), "-o", binary.toString());
        if (exit != 0) {
          throw new AssertionError("gcc: exit code " + exit + "; " + REMEDY);
        }
        Process process = new ProcessBuilder(binary.toString()).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      } finally {
        Files.delete(binary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int gcc(String source, String... arguments) {
    List<String> command = new ArrayList<>(List.of("gcc", "-w", "-x", "c", "-"));
    command.addAll(1, List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (var in = process.getOutputStream()) {
        in.write(source.getBytes(StandardCharsets.US_ASCII));
      }
      return process.waitFor();
    } catch (IOException e) {
      throw new AssertionError(REMEDY, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
