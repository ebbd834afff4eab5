package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// A machine with this checkout, a JDK and, one hopes, a `/dev/kvm`, where scripts run one after
/// the other.
public interface Host extends AutoCloseable {

  /// What became of a script. The exit code is 124 if it took too long; stderr then ends with the
  /// ends of the files that it left in `$TMPDIR`, which may say what it waited for.
  record Result(int exitCode, byte[] out, byte[] err) {
    static final int TOO_LATE = 124;

    private static final int SUMMARY_CHARS = 300;

    public String stdout() {
      return new String(out, StandardCharsets.UTF_8);
    }

    public String stderr() {
      return new String(err, StandardCharsets.UTF_8);
    }

    /// The same with more on stderr.
    Result with(byte[] leftovers) {
      byte[] more = Arrays.copyOf(err, err.length + leftovers.length);
      System.arraycopy(leftovers, 0, more, err.length, leftovers.length);
      return new Result(exitCode, out, more);
    }

    void assertExit(int expected) {
      assertEquals(expected, exitCode, this::toString);
    }

    /// Everything, for a failure's message, and the end of it in the first line, which is what
    /// summaries of a run show.
    @Override
    public String toString() {
      return "exit code %d: %s%n--- stdout%n%s%n--- stderr%n%s"
          .formatted(exitCode, summary(), stdout(), stderr());
    }

    private String summary() {
      String all = (stdout() + " | " + stderr()).strip().replaceAll("\\s*\\R\\s*", " / ");
      return all.substring(Math.max(0, all.length() - SUMMARY_CHARS));
    }
  }

  /// A script that prints what one that took too long has left: the newest guest's log and its own
  /// files, and last the end of the one and the first lines of the others.
  String LEFTOVERS =
      """
      log=$(ls -t "${XDG_STATE_HOME:-$HOME/.local/state}"/javisor/*.log 2>/dev/null | head -n 1)
      for file in "$log" "$TMPDIR"/*; do
        [ -f "$file" ] && printf '\n--- the end of %s\n' "$file" && tail -c 20000 "$file"
      done
      printf '\n--- in short\n'
      [ -f "$log" ] && tail -n 1 "$log" | cut -c 1-100
      for file in "$TMPDIR"/*; do [ -f "$file" ] && head -n 1 "$file" | cut -c 1-60; done
      """;

  /// Runs a script of `sh` with the checkout as its directory, an empty one of its own in
  /// `$TMPDIR`, no input, at most `timeoutSeconds`.
  Result run(int timeoutSeconds, String script) throws IOException;

  /// `lab` or `native`, for reports.
  String name();

  /// The engine that machines run on: `kvm` or `software`.
  default String engine() {
    return "kvm";
  }

  @Override
  void close() throws IOException;

  /// The checkout these tests belong to.
  static Path checkout() {
    return Path.of(System.getProperty("basedir", "kvm-lab"), "..").toAbsolutePath().normalize();
  }
}
