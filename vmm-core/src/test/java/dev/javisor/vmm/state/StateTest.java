package dev.javisor.vmm.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StateTest {
  private enum Colour {
    RED,
    BLUE
  }

  private static byte[] written() {
    StateWriter out = new StateWriter();
    out.record(
        "part",
        3,
        2,
        fields -> {
          fields.putByte(0xFE);
          fields.putBoolean(true);
          fields.putShort(0xBEEF);
          fields.putInt(-2);
          fields.putLong(Long.MIN_VALUE);
          fields.putBytes(new byte[] {1, 2, 3});
          fields.putString("grüß");
          fields.putInt(Colour.BLUE.ordinal());
        });
    return out.toByteArray();
  }

  @Test
  void whatIsWrittenIsReadBack() {
    StateReader in = new StateReader(written()).record("part", 3, 2);
    assertEquals(0xFE, in.getByte());
    assertTrue(in.getBoolean());
    assertEquals(0xBEEF, in.getShort());
    assertEquals(-2, in.getInt());
    assertEquals(Long.MIN_VALUE, in.getLong());
    assertArrayEquals(new byte[] {1, 2, 3}, in.getBytes(3));
    assertEquals("grüß", in.getString(16));
    assertEquals(Colour.BLUE, in.getEnum(Colour.values()));
    assertFalse(in.hasMore());
  }

  @Test
  void foreignNewerAndOtherRecordsAreRefusedByName() {
    assertRefused("found part/3", () -> new StateReader(written()).record("other", 3, 2));
    assertRefused("found part/3", () -> new StateReader(written()).record("part", 4, 2));
    assertRefused("has version 2", () -> new StateReader(written()).record("part", 3, 1));
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] whole = written();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(StateException.class, () -> new StateReader(cut).record("part", 3, 2));
    }
  }

  @Test
  void lengthsAreCheckedBeforeTheyAreBelieved() {
    StateWriter out = new StateWriter();
    out.putInt(Integer.MAX_VALUE);
    assertRefused("ends", () -> new StateReader(out.toByteArray()).getBytes(Integer.MAX_VALUE));
    assertRefused("at most 8", () -> new StateReader(out.toByteArray()).getBytes(8));
    StateWriter negative = new StateWriter();
    negative.putInt(-1);
    assertRefused("a count of -1", () -> new StateReader(negative.toByteArray()).getBytes(8));
  }

  @Test
  void aBooleanIsZeroOrOne() {
    assertRefused("a boolean of 2", () -> new StateReader(new byte[] {2}).getBoolean());
  }

  @Test
  void damagedBytesEndInAStateExceptionAndNothingElse() {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = written();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        StateReader in = new StateReader(damaged).record("part", 3, 2);
        in.getLong();
        in.getBytes(64);
        in.getString(64);
      } catch (StateException e) {
        assertTrue(e.getMessage() != null);
      }
    }
  }

  private static void assertRefused(String why, org.junit.jupiter.api.function.Executable reading) {
    String message = String.valueOf(assertThrows(StateException.class, reading).getMessage());
    assertTrue(message.contains(why), message);
  }
}
