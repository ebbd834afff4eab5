package dev.javisor.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EscapeKeysTest {
  private final StringBuilder done = new StringBuilder();

  private String type(String... chunks) throws IOException {
    ByteArrayOutputStream guest = new ByteArrayOutputStream();
    InputStream terminal = new Chunks(chunks);
    EscapeKeys keys =
        new EscapeKeys(terminal, () -> done.append("power "), () -> done.append("kill "));
    byte[] buffer = new byte[64];
    for (int count; (count = keys.read(buffer, 0, buffer.length)) >= 0; ) {
      guest.write(buffer, 0, count);
    }
    return guest.toString(StandardCharsets.ISO_8859_1);
  }

  @Test
  void ordinaryKeysPassThrough() throws IOException {
    assertEquals("ls\r\u0003\u001b[A", type("ls\r", "\u0003", "\u001b[A"));
  }

  @Test
  void qPressesThePowerButtonAndIsNotTyped() throws IOException {
    assertEquals("ab", type("a\u001dqb"));
    assertEquals("power ", done.toString());
  }

  @Test
  void kKills() throws IOException {
    assertEquals("", type("\u001d", "k"));
    assertEquals("kill ", done.toString());
  }

  @Test
  void escapedTwiceIsSentOnce() throws IOException {
    assertEquals("\u001dq", type("\u001d\u001dq"));
    assertEquals("", done.toString());
  }

  @Test
  void anyOtherKeyAndTheEscapeGoToTheGuest() throws IOException {
    assertEquals("\u001dx", type("\u001d", "x"));
  }

  @Test
  void aloneItEndsNothing() throws IOException {
    assertEquals("", type("\u001d"));
    assertEquals("", done.toString());
  }

  /// One read a chunk, as a terminal gives them.
  private static final class Chunks extends InputStream {
    private final String[] chunks;
    private int next;

    Chunks(String... chunks) {
      this.chunks = chunks;
    }

    @Override
    public int read() {
      throw new AssertionError("one key at a time");
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (next == chunks.length) {
        return -1;
      }
      byte[] bytes = chunks[next++].getBytes(StandardCharsets.ISO_8859_1);
      return new ByteArrayInputStream(bytes).read(target, offset, length);
    }
  }
}
