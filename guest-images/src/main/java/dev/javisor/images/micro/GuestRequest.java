package dev.javisor.images.micro;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The one thing a ready guest is asked to do. Every run sends one, the first too, so that guests
/// from one template differ in all that must differ. Strings may hold anything but NUL, and, by way
/// of [WordBytes], bytes that are no text.
///
/// @param argv the command, found on the guest's PATH, and its arguments; at least one word
/// @param environment set over [#DEFAULT_ENVIRONMENT]
/// @param cwd the directory it starts in
/// @param terminal where it has its controlling terminal; null gives it three pipes
/// @param hostname empty leaves the guest's
/// @param epochSeconds the time, in seconds since 1970; 0 leaves the guest's clock
/// @param seed for the guest's random generator; empty gives none
/// @param keep whether the guest says READY again afterwards instead of powering off
public record GuestRequest(
    List<String> argv,
    Map<String, String> environment,
    String cwd,
    @Nullable Terminal terminal,
    String hostname,
    long epochSeconds,
    byte[] seed,
    boolean keep) {

  /// @param device as in `hvc0`
  /// @param rows 0 leaves the size as it is
  public record Terminal(String device, int rows, int columns) {}

  public static final Map<String, String> DEFAULT_ENVIRONMENT = defaultEnvironment();

  private static Map<String, String> defaultEnvironment() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    variables.put("HOME", "/root");
    variables.put("USER", "root");
    return Collections.unmodifiableMap(variables);
  }

  public GuestRequest {
    argv = List.copyOf(argv);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("no command");
    }
    for (String name : environment.keySet()) {
      if (name.isEmpty() || name.indexOf('=') >= 0) {
        throw new IllegalArgumentException("no name of a variable: \"" + name + "\"");
      }
    }
  }

  /// `argv` in pipes, with nothing else set.
  public static GuestRequest of(String... argv) {
    return new GuestRequest(List.of(argv), Map.of(), "/", null, "", 0, new byte[0], false);
  }

  /// The line for the control port, with its newline.
  public byte[] line() {
    StringBuilder line = new StringBuilder("REQUEST cwd=").append(quoted(cwd));
    if (terminal != null) {
      line.append(" tty=").append(quoted(terminal.device));
      if (terminal.rows > 0) {
        line.append(" rows=").append(terminal.rows).append(" columns=").append(terminal.columns);
      }
    }
    if (!hostname.isEmpty()) {
      line.append(" hostname=").append(quoted(hostname));
    }
    if (epochSeconds != 0) {
      line.append(" epoch=").append(epochSeconds);
    }
    if (seed.length > 0) {
      line.append(" seed='").append(octal(seed)).append('\'');
    }
    line.append(keep ? " keep=1" : "").append("; set --");
    command().forEach(word -> line.append(' ').append(quoted(word)));
    return WordBytes.encode(line.append('\n').toString());
  }

  /// `env` takes words as variables up to the first without `=`, and options only before the
  /// first; `setsid` makes the command a process group of its own, which signals are sent to.
  private List<String> command() {
    List<String> words = new ArrayList<>(List.of("env", "-i"));
    DEFAULT_ENVIRONMENT.forEach((name, value) -> words.add(name + "=" + value));
    environment.forEach((name, value) -> words.add(name + "=" + value));
    words.add("setsid");
    if (terminal != null) {
      words.add("-c");
    }
    words.add("--");
    words.addAll(argv);
    return words;
  }

  /// One word of a POSIX shell on one line: only a quote ends single quotes, and a newline comes
  /// from the variable `nl`.
  private static String quoted(String word) {
    if (word.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL in \"" + word.replace('\0', '?') + "\"");
    }
    return "'" + word.replace("'", "'\\''").replace("\n", "'\"$nl\"'") + "'";
  }

  /// As `printf %b` reads bytes.
  private static String octal(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytes) {
      text.append("\\0").append(Integer.toOctalString(b & 0xFF | 0x200).substring(1));
    }
    return text.toString();
  }
}
