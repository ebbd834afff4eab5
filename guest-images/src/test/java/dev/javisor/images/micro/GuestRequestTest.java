package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuestRequestTest {
  private static final ShellReader SHELL = new ShellReader(List.of("/bin/sh"));

  @Test
  void aCommandArrivesWithItsVariablesBeforeIt() throws IOException {
    ShellReader.Read read = SHELL.read(GuestRequest.of("echo", "hello").line());
    assertEquals(
        List.of(
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root",
            "USER=root",
            "setsid",
            "--",
            "echo",
            "hello"),
        read.words());
    assertEquals("/", read.variable("cwd"));
    assertEquals("", read.variable("tty"));
    assertEquals("", read.variable("keep"));
  }

  @Test
  void aTerminalMakesItTheSessionsOwn() throws IOException {
    GuestRequest request =
        new GuestRequest(
            List.of("sh", "-l"),
            Map.of("TERM", "xterm"),
            "/tmp",
            new GuestRequest.Terminal("hvc0", 24, 80),
            "it's me",
            1795531775L,
            new byte[] {0, 7, 'a', -1},
            true);
    ShellReader.Read read = SHELL.read(request.line());
    assertEquals(
        List.of("TERM=xterm", "setsid", "-c", "--", "sh", "-l"), read.words().subList(5, 11));
    assertEquals("hvc0", read.variable("tty"));
    assertEquals("24", read.variable("rows"));
    assertEquals("80", read.variable("columns"));
    assertEquals("it's me", read.variable("hostname"));
    assertEquals("1795531775", read.variable("epoch"));
    assertEquals("\\0000\\0007\\0141\\0377", read.variable("seed"));
    assertEquals("1", read.variable("keep"));
  }

  @Test
  void nothingInAWordIsTakenForShell() throws IOException {
    HostileWords.survive(SHELL);
  }

  @Test
  void aRequestIsOneLine() {
    byte[] line = GuestRequest.of("a\nb", "\n", "c\n").line();
    String text = new String(line, StandardCharsets.UTF_8);
    assertEquals(text.length() - 1, text.indexOf('\n'));
  }

  @Test
  void whatNoProcessCanBeGivenIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> GuestRequest.of());
    assertThrows(IllegalArgumentException.class, () -> GuestRequest.of("a\0b").line());
    for (String name : List.of("", "a=b")) {
      Map<String, String> environment = new LinkedHashMap<>(Map.of(name, "x"));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              new GuestRequest(List.of("true"), environment, "/", null, "", 0, new byte[0], false));
    }
  }

  @Test
  void controlLinesAreOneLineEach() {
    assertEquals("SIGNAL 15\n", text(GuestProtocol.signal(15)));
    assertEquals("RESIZE 24 80\n", text(GuestProtocol.resize(24, 80)));
    assertEquals("HANGUP 1\n", text(GuestProtocol.hangup(1)));
  }

  @Test
  void whatTheGuestSaysIsParsedOrUnknown() {
    assertEquals(new GuestReply.Ready(1), GuestReply.parse("READY 1"));
    assertEquals(new GuestReply.Ack(), GuestReply.parse("ACK"));
    assertEquals(new GuestReply.Exit(255), GuestReply.parse("EXIT 255"));
    for (String line :
        List.of(
            "",
            "READY",
            "READY x",
            "READY 99999",
            "EXIT",
            "EXIT 256",
            "EXIT -1",
            "EXIT 1 ",
            "ack")) {
      assertTrue(GuestReply.parse(line) instanceof GuestReply.Unknown, line);
    }
  }

  private static String text(byte[] line) {
    return new String(line, StandardCharsets.US_ASCII);
  }
}
