package dev.javisor.images.micro;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads a request as the guest's session does, in a shell of this machine. Texts are Latin-1, so
/// that each byte is a character.
record ShellReader(List<String> shell) {
  private static final List<String> VARIABLES =
      List.of("cwd", "tty", "rows", "columns", "hostname", "epoch", "seed", "keep");

  private static final String SCRIPT =
      """
      nl='
      '
      IFS= read -r request
      eval "${request#REQUEST }"
      printf '%s\\0' "$cwd" "$tty" "$rows" "$columns" "$hostname" "$epoch" "$seed" "$keep" "$@"
      """;

  record Read(List<String> fields) {
    String variable(String name) {
      return fields.get(VARIABLES.indexOf(name));
    }

    List<String> words() {
      return fields.subList(VARIABLES.size(), fields.size());
    }

    /// The command alone.
    List<String> argv() {
      return words().subList(words().indexOf("--") + 1, words().size());
    }
  }

  Read read(byte[] line) throws IOException {
    List<String> command = new ArrayList<>(shell);
    command.addAll(List.of("-c", SCRIPT));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    VARIABLES.forEach(builder.environment()::remove);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(line);
    }
    byte[] output = process.getInputStream().readAllBytes();
    String text = new String(output, StandardCharsets.ISO_8859_1);
    List<String> fields = new ArrayList<>(Arrays.asList(text.split("\0", -1)));
    fields.removeLast();
    return new Read(fields);
  }
}
