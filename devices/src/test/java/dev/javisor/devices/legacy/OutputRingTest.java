package dev.javisor.devices.legacy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class OutputRingTest {
  private static final int KEPT = 512;

  private final OutputRing ring = new OutputRing(KEPT);

  private void put(int first, int count) {
    for (int i = 0; i < count; i++) {
      ring.put((byte) (first + i));
    }
  }

  @Test
  void growingKeepsWhatAReaderIsLookingAt() {
    put(0, 300);
    byte[] seen = new byte[200];
    assertEquals(200, ring.peek(MemorySegment.ofArray(seen)));
    long position = ring.position();
    put(300, 100);
    ring.consumed(position, 200);
    assertEquals(200, ring.size());
    assertEquals((byte) 200, ring.contents()[0]);
    assertEquals(0, ring.dropped());
  }

  /// The far end took bytes that were pushed out while it did: they are not lost.
  @Test
  void bytesDroppedWhileTheyWereTakenDoNotCount() {
    put(0, KEPT);
    long position = ring.position();
    put(KEPT, 30);
    assertEquals(30, ring.dropped());
    ring.consumed(position, 20);
    assertEquals(10, ring.dropped());
    assertEquals(KEPT, ring.size(), "what follows is untouched");
    ring.consumed(ring.position(), 5);
    assertEquals(KEPT - 5, ring.size());
    assertEquals(10, ring.dropped());
  }

  @Test
  void restoredRingIsTheSame() {
    put(0, KEPT + 7);
    OutputRing other = new OutputRing(KEPT);
    other.restore(ring.contents(), ring.dropped());
    assertArrayEquals(ring.contents(), other.contents());
    assertEquals(7, other.dropped());
  }
}
