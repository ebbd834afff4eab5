package dev.javisor.cli.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class GuestControlTest {
  private final GuestControl control = new GuestControl(() -> bytes("REQUEST x\n"));

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void guestSays(String text) {
    control.write(MemorySegment.ofArray(bytes(text)));
  }

  private String guestReads(int atMost) {
    byte[] target = new byte[atMost];
    int count = control.read(MemorySegment.ofArray(target));
    return new String(target, 0, count, StandardCharsets.ISO_8859_1);
  }

  @Test
  void theRequestIsSentOnceTheGuestIsReadyAndNotBefore() {
    assertEquals("", guestReads(64));
    guestSays("READ");
    assertEquals("", guestReads(64));
    guestSays("Y 1\nREADY 1\n");
    assertTrue(control.ready().isDone());
    assertEquals("REQUEST x\n", guestReads(64));
    assertEquals("", guestReads(64));
  }

  @Test
  void aSlowReaderGetsEveryByte() {
    guestSays("READY 1\n");
    assertEquals("REQ", guestReads(3));
    assertEquals("UEST x\n", guestReads(64));
  }

  @Test
  void signalsWaitForTheCommandToRun() {
    guestSays("READY 1\n");
    guestReads(64);
    control.send(bytes("SIGNAL 15\n"));
    assertEquals("", guestReads(64));
    guestSays("ACK\n");
    assertEquals("SIGNAL 15\n", guestReads(64));
  }

  @Test
  void theExitCodeIsTheFirstOne() {
    guestSays("READY 1\nACK\nEXIT 7\nEXIT 8\n");
    assertEquals(7, control.exited().join());
  }

  @Test
  void nonsenseAndEndlessLinesEndNothing() {
    guestSays("EXIT 999\nEXIT -1\n\0\0\n" + "y".repeat(1 << 20) + "\n");
    assertFalse(control.exited().isDone());
    guestSays("READY 1\n");
    assertTrue(control.ready().isDone());
  }
}
