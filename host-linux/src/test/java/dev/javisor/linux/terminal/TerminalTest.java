package dev.javisor.linux.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.linux.call.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The modes as `stty` sees them, in a process whose terminal is a pty made by `script`.
class TerminalTest {
  @Test
  void rawModeIsWhatSttyCallsRawAndCloseUndoesIt(@TempDir Path dir)
      throws IOException, InterruptedException {
    Path report = dir.resolve("report");
    String java =
        String.join(
            " ",
            List.of(
                "stty rows 33 cols 99;",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp",
                "'" + System.getProperty("java.class.path") + "'",
                "'" + Switcher.class.getName() + "'",
                report.toString()));
    Process script =
        new ProcessBuilder("script", "-qec", java, "/dev/null").redirectErrorStream(true).start();
    String said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, script.waitFor(), said);
    Map<String, String> seen =
        Files.readAllLines(report).stream()
            .map(line -> line.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    assertEquals("33x99", seen.get("size"));
    assertEquals(seen.get("before"), seen.get("after"));
    String raw = String.valueOf(seen.get("raw"));
    for (String off : "-icanon -echo -isig -iexten -opost -icrnl -ixon -istrip".split(" ")) {
      assertTrue(raw.contains(" " + off + " "), off + " is missing in " + raw);
    }
    assertTrue(raw.contains(" cs8 "), raw);
    assertTrue(raw.contains("min = 1; time = 0"), raw);
  }

  /// The process on the pty.
  static final class Switcher {
    private Switcher() {}

    public static void main(String[] arguments) throws Exception {
      StringBuilder report = new StringBuilder();
      report.append("before=").append(stty()).append('\n');
      try (Terminal terminal = Terminal.of(0)) {
        report.append("size=").append(terminal.size().rows()).append('x');
        report.append(terminal.size().columns()).append('\n');
        terminal.makeRaw();
        report.append("raw=").append(stty()).append('\n');
      }
      report.append("after=").append(stty()).append('\n');
      Files.writeString(Path.of(arguments[0]), report);
    }

    private static String stty() throws IOException {
      Process stty =
          new ProcessBuilder("stty", "-a").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return said.replace('\n', ' ').replace(";", "; ").replaceAll(" +", " ");
    }
  }

  @Test
  void aFileIsNoTerminal() {
    assertFalse(Terminal.isTerminal(-1));
    SyscallException e = assertThrows(SyscallException.class, () -> Terminal.of(-1));
    assertTrue(String.valueOf(e.getMessage()).startsWith("TCGETS(fd -1): EBADF"), e.getMessage());
  }
}
