package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.images.TestCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The guest's half of the protocol, run here by the shell it has there.
@Timeout(20)
class SessionIT {
  private static Path busybox;

  @TempDir Path run;
  private HostedSession session;
  private GuestPorts ports;

  @BeforeAll
  static void fetch() throws IOException {
    busybox = TestCache.busybox();
  }

  @BeforeEach
  void start() throws IOException {
    session = new HostedSession(busybox, run);
    ports = session.ports();
    assertEquals(new GuestReply.Ready(GuestProtocol.VERSION), ports.reply());
  }

  @AfterEach
  void stop() throws IOException {
    session.close();
  }

  @Test
  void nothingInAWordIsTakenForShell() throws IOException {
    HostileWords.survive(new ShellReader(List.of(busybox.toString(), "sh")));
  }

  @Test
  void aCommandsOutputsAreApartAndItsCodeIsReported() throws Exception {
    CompletableFuture<byte[]> stdout = ports.stdout();
    CompletableFuture<byte[]> stderr = ports.stderr();
    begin("sh", "-c", "echo out; echo err >&2; exit 7");
    assertEquals(new GuestReply.Exit(7), ports.reply());
    assertTrue(session.ends());
    assertEquals("out\n", text(stdout.join()));
    assertEquals("err\n", text(stderr.join()));
  }

  @Test
  void megabytesGoThroughBothWays() throws Exception {
    byte[] bytes = new byte[8 << 20];
    new Random(8).nextBytes(bytes);
    CompletableFuture<byte[]> stdout = ports.stdout();
    begin("cat");
    ports.feed(bytes).join();
    assertEquals(new GuestReply.Exit(0), ports.reply());
    assertTrue(session.ends());
    assertArrayEquals(bytes, stdout.join());
  }

  @Test
  void theEndOfStdinIsTheEnd() throws Exception {
    CompletableFuture<byte[]> stdout = ports.stdout();
    ports.feed(new byte[0]);
    begin("wc", "-c");
    assertEquals(new GuestReply.Exit(0), ports.reply());
    assertTrue(session.ends());
    assertEquals("0\n", text(stdout.join()));
  }

  @Test
  void aCommandThatReadsNothingEndsThoughStdinIsOpen() throws Exception {
    begin("true");
    assertEquals(new GuestReply.Exit(0), ports.reply());
    assertTrue(session.ends());
  }

  @Test
  void aHangupGivesSigpipe() throws Exception {
    begin("yes");
    assertEquals("y\n".repeat(500), text(ports.stdout(1000)));
    ports.send(GuestProtocol.hangup(1));
    assertEquals(new GuestReply.Exit(128 + 13), ports.reply());
  }

  @Test
  void aSignalReachesTheCommandAndItsChildren() throws Exception {
    begin(
        "sh",
        "-c",
        """
        trap 'echo caught; exit 5' INT
        (trap 'echo child; exit' INT; echo ready; while :; do sleep 0.1; done)
        """);
    assertEquals("ready\n", text(ports.stdout(6)));
    ports.send(GuestProtocol.signal(2));
    assertEquals("child\ncaught\n", text(ports.stdout(13)));
    assertEquals(new GuestReply.Exit(5), ports.reply());
  }

  @Test
  void aCommandThatASignalKilledHas128More() throws Exception {
    begin("sleep", "60");
    ports.send(GuestProtocol.signal(15));
    assertEquals(new GuestReply.Exit(128 + 15), ports.reply());
  }

  @Test
  void sigintIsNotIgnored() throws Exception {
    begin("sleep", "60");
    ports.send(GuestProtocol.signal(2));
    assertEquals(new GuestReply.Exit(128 + 2), ports.reply());
  }

  @Test
  void stdoutCanBeOpenedAgain() throws Exception {
    CompletableFuture<byte[]> stdout = ports.stdout();
    begin("sh", "-c", "echo one; echo two >/dev/stdout; cat /dev/stdin >/proc/self/fd/1");
    ports.feed("three\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals(new GuestReply.Exit(0), ports.reply());
    assertTrue(session.ends());
    assertEquals("one\ntwo\nthree\n", text(stdout.join()));
  }

  @Test
  void aCommandThatIsNotThereOrNoProgramHasAShellsCode() throws Exception {
    begin("no-such-command");
    assertEquals(new GuestReply.Exit(127), ports.reply());
  }

  @Test
  void whatIsNoProgramHasAShellsCode() throws Exception {
    begin("/etc/passwd");
    assertEquals(new GuestReply.Exit(126), ports.reply());
  }

  @Test
  void aKeptGuestIsReadyAgain() throws Exception {
    for (int i = 0; i < 3; i++) {
      ports.send(
          new GuestRequest(
                  List.of("sh", "-c", "echo $ROUND; exit $ROUND"),
                  Map.of("ROUND", String.valueOf(i)),
                  "/",
                  null,
                  "",
                  0,
                  new byte[0],
                  true)
              .line());
      assertEquals(new GuestReply.Ack(), ports.reply());
      assertEquals(new GuestReply.Exit(i), ports.reply());
      assertEquals(i + "\n", text(ports.stdout(2)));
      assertEquals(new GuestReply.Ready(1), ports.reply());
    }
  }

  @Test
  void anythingButARequestIsRefusedAndTheGuestStaysReady() throws Exception {
    ports.send("HELLO\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals("ERROR expected REQUEST", ports.line());
    assertEquals(new GuestReply.Ready(1), ports.reply());
    begin("true");
    assertEquals(new GuestReply.Exit(0), ports.reply());
  }

  @Test
  void theEnvironmentAndTheDirectoryAreTheRequestsAlone() throws Exception {
    CompletableFuture<byte[]> stdout = ports.stdout();
    Path directory = Files.createDirectory(run.resolve("a 'dir'\n"));
    ports.send(
        new GuestRequest(
                List.of("sh", "-c", "pwd; env | sort"),
                Map.of("B", "1 2", "HOME", "/h"),
                directory.toString(),
                null,
                "",
                0,
                new byte[0],
                false)
            .line());
    assertEquals(new GuestReply.Ack(), ports.reply());
    assertEquals(new GuestReply.Exit(0), ports.reply());
    assertTrue(session.ends());
    List<String> lines = Arrays.asList(text(stdout.join()).split("\n", -1));
    assertEquals(directory.toString(), lines.get(0) + "\n");
    assertTrue(lines.containsAll(List.of("B=1 2", "HOME=/h", "USER=root")), lines::toString);
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("JAVA_HOME=")), lines::toString);
  }

  @Test
  void aDirectoryThatIsNotThereIsOurErrorNotTheCommands() throws Exception {
    ports.send(
        new GuestRequest(List.of("true"), Map.of(), "/no/such", null, "", 0, new byte[0], false)
            .line());
    assertEquals(new GuestReply.Ack(), ports.reply());
    assertEquals(new GuestReply.Exit(125), ports.reply());
  }

  private void begin(String... argv) throws IOException {
    ports.send(GuestRequest.of(argv).line());
    assertEquals(new GuestReply.Ack(), ports.reply(), session::toString);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
