package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A machine with this checkout, a JDK and, one hopes, a `/dev/kvm`, where scripts run one after
/// the other.
public interface Host extends AutoCloseable {

  /// What became of a script. The exit code is 124 if it took too long.
  record Result(int exitCode, byte[] out, byte[] err) {
    public String stdout() {
      return new String(out, StandardCharsets.UTF_8);
    }

    public String stderr() {
      return new String(err, StandardCharsets.UTF_8);
    }

    void assertExit(int expected) {
      assertEquals(expected, exitCode, this::toString);
    }

    /// Everything, for a failure's message.
    @Override
    public String toString() {
      return "exit code %d%n--- stdout%n%s%n--- stderr%n%s".formatted(exitCode, stdout(), stderr());
    }
  }

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
