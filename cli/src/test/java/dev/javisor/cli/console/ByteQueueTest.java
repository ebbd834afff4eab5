package dev.javisor.cli.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ByteQueueTest {
  private static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  @Test
  void takesWhatFitsAndNoMore() {
    ByteQueue queue = new ByteQueue(4);
    assertEquals(3, queue.offer(bytes(1, 2, 3)));
    assertEquals(1, queue.offer(bytes(4, 5, 6)));
    assertEquals(0, queue.offer(bytes(5)));
    byte[] out = new byte[8];
    assertEquals(4, queue.poll(MemorySegment.ofArray(out)));
    assertArrayEquals(new byte[] {1, 2, 3, 4}, Arrays.copyOf(out, 4));
    assertEquals(0, queue.poll(MemorySegment.ofArray(out)));
  }

  @Test
  void theEndComesAfterTheLastByte() {
    ByteQueue queue = new ByteQueue(4);
    queue.offer(bytes(1));
    queue.end();
    byte[] out = new byte[8];
    assertEquals(1, queue.poll(MemorySegment.ofArray(out)));
    assertEquals(-1, queue.poll(MemorySegment.ofArray(out)));
    assertEquals(-1, queue.take(out));
  }

  @Test
  void anAbandonedQueueRefusesAndFreesWhoWaits() {
    ByteQueue queue = new ByteQueue(1);
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(() -> queue.put(new byte[] {1, 2, 3}, 3));
    queue.abandon();
    assertFalse(waiting.join());
    assertEquals(-1, queue.offer(bytes(1)));
    assertTrue(queue.awaitEmpty(Long.MAX_VALUE));
  }

  @Test
  void isNotEmptyUntilItsTakerIsDoneWithTheLastBytes() throws InterruptedException {
    ByteQueue queue = new ByteQueue(4);
    queue.offer(bytes(1, 2));
    byte[] out = new byte[8];
    assertEquals(2, queue.take(out));
    assertFalse(queue.awaitEmpty(0), "the taker may still be writing them");
    Thread taker = Thread.ofPlatform().daemon(true).start(() -> queue.take(out));
    assertTrue(queue.awaitEmpty(Long.MAX_VALUE), "it came back for more");
    queue.end();
    taker.join();
    assertTrue(queue.awaitEmpty(0));
  }

  @Test
  void everyByteArrivesOnceAndInOrder() {
    ByteQueue queue = new ByteQueue(97);
    byte[] sent = new byte[100_000];
    new Random(7).nextBytes(sent);
    CompletableFuture<Boolean> sender =
        CompletableFuture.supplyAsync(
            () -> {
              boolean all = queue.put(sent, sent.length);
              queue.end();
              return all;
            });
    byte[] received = new byte[sent.length];
    byte[] chunk = new byte[64];
    int at = 0;
    for (int count; (count = queue.take(chunk)) >= 0; at += count) {
      System.arraycopy(chunk, 0, received, at, count);
    }
    assertTrue(sender.join());
    assertEquals(sent.length, at);
    assertArrayEquals(sent, received);
  }
}
