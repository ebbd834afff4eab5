package dev.javisor.devices.virtio.queue;

import static dev.javisor.devices.virtio.queue.QueueFixture.DATA;
import static dev.javisor.devices.virtio.queue.QueueFixture.TABLE;
import static dev.javisor.testkit.virtio.MockDriver.Part.readable;
import static dev.javisor.testkit.virtio.MockDriver.Part.writable;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.queue.QueueFixture.Write;
import dev.javisor.testkit.virtio.MockDriver;
import dev.javisor.testkit.virtio.MockDriver.Used;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VirtqueueTest {

  private static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  @Test
  void anEmptyQueueGivesNothing() {
    assertNull(new QueueFixture(8, false).queue.poll());
  }

  @Test
  void howTheDriverCutsARequestMeansNothing() {
    QueueFixture at = new QueueFixture(8, false);
    at.memory.write(DATA, bytes(1, 2, 3, 4, 5));
    at.driver.offer(readable(DATA, 1), readable(DATA + 1, 3), readable(DATA + 4, 1));
    DescriptorChain chain = at.poll();
    assertEquals(5, chain.readableBytes());
    assertArrayEquals(new byte[] {2, 3, 4, 5}, chain.copy(1, 4).array());
  }

  @Test
  void writesReachTheDriverAcrossItsParts() {
    QueueFixture at = new QueueFixture(8, false);
    int head = at.driver.offer(readable(DATA, 1), writable(DATA + 8, 2), writable(DATA + 16, 9));
    DescriptorChain chain = at.poll();
    chain.write(1, bytes(7, 8, 9));
    assertEquals(7, at.memory.readable(DATA + 9, 1).get(ValueLayout.JAVA_BYTE, 0));
    assertEquals(9, at.memory.readable(DATA + 17, 1).get(ValueLayout.JAVA_BYTE, 0));
    at.queue.complete(chain);
    assertEquals(head, at.used().head());
  }

  @Test
  void theUsedLengthIsWhatWasWrittenWithoutAGap() {
    QueueFixture at = new QueueFixture(8, false);
    at.driver.offer(writable(DATA, 100), writable(DATA + 4096, 1));
    DescriptorChain chain = at.poll();
    chain.writable(0, 100);
    chain.notWritten(60, 40);
    chain.write(100, bytes(0));
    at.queue.complete(chain);
    assertEquals(60, at.used().length());
  }

  @Test
  void completeReportsTheWrittenBytesTheElementAndTheIndexAndNothingElse() {
    QueueFixture at = new QueueFixture(8, false);
    at.driver.offer(readable(DATA, 16), writable(DATA + 4096, 100), writable(DATA + 8192, 1));
    DescriptorChain chain = at.poll();
    chain.writable(0, 100);
    chain.notWritten(10, 90);
    chain.write(100, bytes(0));
    assertEquals(List.of(), at.writes);
    at.queue.complete(chain);
    long used = at.driver.usedRing();
    assertEquals(
        List.of(
            new Write(DATA + 4096, 10),
            new Write(DATA + 8192, 1),
            new Write(used + 4, 8),
            new Write(used + 2, 2)),
        at.writes);
  }

  @Test
  void everythingIsReportedBeforeTheUsedIndexMoves() {
    QueueFixture at = new QueueFixture(8, false);
    at.memory.subscribe((gpa, size) -> assertEquals(0, at.driver.usedIndex()));
    at.driver.offer(writable(DATA, 8));
    DescriptorChain chain = at.poll();
    chain.write(0, bytes(1));
    at.queue.complete(chain);
    assertEquals(1, at.driver.usedIndex());
  }

  @Test
  void aWindowHandedOutCountsAsWrittenUntilTakenBack() {
    QueueFixture at = new QueueFixture(8, false);
    at.driver.offer(writable(DATA, 50));
    DescriptorChain chain = at.poll();
    chain.writable(0, 50);
    at.queue.complete(chain);
    assertEquals(new Write(DATA, 50), at.writes.get(0));
    assertEquals(50, at.used().length());
  }

  @Test
  void readableWindowsCannotBeWrittenThrough() {
    QueueFixture at = new QueueFixture(8, false);
    at.driver.offer(readable(DATA, 8));
    MemorySegment window = at.poll().readable(0, 8).get(0);
    assertTrue(window.isReadOnly());
  }

  @Test
  void aChainIsHandedBackOnce() {
    QueueFixture at = new QueueFixture(8, false);
    at.driver.offer(writable(DATA, 8));
    at.driver.offer(writable(DATA, 8));
    DescriptorChain chain = at.poll();
    at.poll();
    at.queue.complete(chain);
    assertThrows(IllegalStateException.class, () -> at.queue.complete(chain));
    assertThrows(IllegalStateException.class, () -> chain.writable(0, 1));
  }

  @Test
  void aRequestMayEndInAnIndirectTableBehindDirectParts() {
    QueueFixture at = new QueueFixture(8, false);
    at.driver.writeDescriptorAt(TABLE, DATA + 64, 5, MockDriver.F_WRITE, 0);
    at.driver.writeDescriptor(0, DATA, 3, MockDriver.F_NEXT, 1);
    // the device must ignore WRITE on the table's own descriptor (2.7.5.3.2)
    at.driver.writeDescriptor(1, TABLE, 16, MockDriver.F_INDIRECT | MockDriver.F_WRITE, 0);
    at.driver.publish(0);
    DescriptorChain chain = at.poll();
    assertEquals(3, chain.readableBytes());
    assertEquals(5, chain.writableBytes());
  }

  @Test
  void descriptorsAreReadOnceAndTheCopyUsed() {
    QueueFixture at = new QueueFixture(8, false);
    int head = at.driver.offer(readable(DATA, 16), writable(DATA + 4096, 16));
    DescriptorChain chain = at.poll();
    at.driver.writeDescriptor(head, 0xFFFF_FFFF_FFFFL, -1, MockDriver.F_NEXT, head);
    assertEquals(16, chain.readable(0, 16).get(0).byteSize());
    chain.write(0, bytes(1));
    at.queue.complete(chain);
    assertEquals(new Write(DATA + 4096, 1), at.writes.get(0));
  }

  @Test
  void partsWithoutBytesAreSkipped() {
    QueueFixture at = new QueueFixture(8, false);
    at.driver.offer(readable(0xDEAD_0000_0000L, 0), writable(DATA, 4));
    DescriptorChain chain = at.poll();
    assertEquals(0, chain.readableBytes());
    assertEquals(1, chain.writable(0, 4).size());
  }

  @Test
  void withoutEventIndicesTheInterruptFlagDecides() {
    QueueFixture at = new QueueFixture(8, false);
    assertFalse(at.queue.takeInterruptRequest());
    complete(at);
    assertTrue(at.queue.takeInterruptRequest());
    assertFalse(at.queue.takeInterruptRequest());
    at.driver.disableInterrupts();
    complete(at);
    assertFalse(at.queue.takeInterruptRequest());
    at.driver.enableInterrupts();
    assertFalse(at.queue.takeInterruptRequest());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 0xFFFD, 0xFFFE, 0xFFFF})
  void theUsedEventDecidesAlsoAcrossTheWrap(int start) {
    QueueFixture at = new QueueFixture(8, true, start);
    at.driver.setUsedEvent(start + 2);
    complete(at);
    assertFalse(at.queue.takeInterruptRequest());
    complete(at);
    assertFalse(at.queue.takeInterruptRequest());
    complete(at);
    assertTrue(at.queue.takeInterruptRequest());
    complete(at);
    assertFalse(at.queue.takeInterruptRequest());
  }

  @Test
  void aBatchThatCrossesTheEventInterruptsOnce() {
    QueueFixture at = new QueueFixture(8, true, 0xFFFE);
    at.driver.setUsedEvent(0xFFFF);
    for (int i = 0; i < 5; i++) {
      complete(at);
    }
    assertTrue(at.queue.takeInterruptRequest());
    assertFalse(at.queue.takeInterruptRequest());
  }

  @Test
  void aBatchAllTheWayRoundInterrupts() {
    QueueFixture at = new QueueFixture(2, true);
    at.driver.setUsedEvent(0x8000);
    for (int i = 0; i < 0x10000; i++) {
      complete(at);
    }
    assertTrue(at.queue.takeInterruptRequest());
  }

  @Test
  void withoutEventIndicesPausedKicksAreAnnouncedByTheFlag() {
    QueueFixture at = new QueueFixture(8, false);
    at.queue.pauseKicks();
    assertFalse(at.driver.wantsKick());
    assertFalse(at.queue.resumeKicks());
    assertTrue(at.driver.wantsKick());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 0xFFFE, 0xFFFF})
  void theAvailEventAsksForAKickWithTheNextChain(int start) {
    QueueFixture at = new QueueFixture(8, true, start);
    assertFalse(at.queue.resumeKicks());
    at.driver.offer(writable(DATA, 8));
    assertTrue(at.driver.wantsKick());
    at.queue.pauseKicks();
    at.driver.offer(writable(DATA, 8));
    assertFalse(at.driver.wantsKick());
    at.poll();
    at.poll();
    assertFalse(at.queue.resumeKicks());
    at.driver.offer(writable(DATA, 8));
    assertTrue(at.driver.wantsKick());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChainThatSlippedInWhileKicksWereOffIsNoticed(boolean eventIdx) {
    QueueFixture at = new QueueFixture(8, eventIdx);
    at.queue.pauseKicks();
    at.driver.offer(writable(DATA, 8));
    assertTrue(at.queue.resumeKicks());
  }

  @Test
  void theFlagsAndEventsWeWriteAreReported() {
    QueueFixture at = new QueueFixture(8, false);
    at.queue.pauseKicks();
    assertEquals(List.of(new Write(at.driver.usedRing(), 2)), at.writes);
    QueueFixture events = new QueueFixture(8, true);
    events.queue.resumeKicks();
    assertEquals(List.of(new Write(events.driver.usedRing() + 4 + 64, 2)), events.writes);
  }

  @Test
  void aKickIsAskedForOnceAndAgainAfterAPoll() {
    QueueFixture at = new QueueFixture(8, true);
    assertFalse(at.queue.resumeKicks());
    at.writes.clear();
    assertFalse(at.queue.resumeKicks());
    assertEquals(List.of(), at.writes);
    at.driver.offer(writable(DATA, 8));
    assertTrue(at.queue.resumeKicks(), "there, although it was asked for before it came");
    at.queue.complete(at.poll());
    assertFalse(at.queue.resumeKicks());
    at.driver.offer(writable(DATA, 8));
    assertTrue(at.driver.wantsKick());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRebuiltQueueContinuesAndMeetsHeldChainsAgain(boolean eventIdx) {
    QueueFixture at = new QueueFixture(8, eventIdx, 0xFFFF);
    complete(at);
    int held = at.driver.offer(writable(DATA, 8));
    int waiting = at.driver.offer(writable(DATA, 8));
    at.poll();
    at.rebuild();
    for (int head : new int[] {held, waiting}) {
      DescriptorChain chain = at.poll();
      at.queue.complete(chain);
      assertEquals(head, at.used().head());
    }
    assertNull(at.queue.poll());
  }

  @Test
  void aRebuiltQueueInterruptsOnceWhateverTheDriverSays() {
    QueueFixture at = new QueueFixture(8, true);
    complete(at);
    at.driver.disableInterrupts();
    at.rebuild();
    assertTrue(at.queue.takeInterruptRequest());
    assertFalse(at.queue.takeInterruptRequest());
  }

  @Test
  void aQueueRebuiltWithKicksOffTurnsThemOnAgain() {
    QueueFixture at = new QueueFixture(8, false);
    at.queue.pauseKicks();
    at.rebuild();
    at.queue.resumeKicks();
    assertTrue(at.driver.wantsKick());
  }

  /// A driver with a model of what it offered, against the queue: random sizes, chains, order of
  /// completion, direct and indirect, rebuilds in between, past several wraps of the indices.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whatAnHonestDriverOffersComesBackOnceEach(long seed) {
    Random random = new Random(seed);
    int size = 1 << random.nextInt(9);
    QueueFixture at = new QueueFixture(size, seed % 2 == 0, random.nextInt(0x10000));
    ArrayDeque<DescriptorChain> held = new ArrayDeque<>();
    int[] lengths = new int[size];
    int outstanding = 0;
    for (long done = 0; done < 150_000; ) {
      while (at.driver.freeDescriptors() > 0 && random.nextInt(4) != 0) {
        int first = 1 + random.nextInt(50);
        int second = random.nextInt(50);
        MockDriver.Part[] parts = {writable(DATA, first), writable(DATA + 4096, second)};
        int slot = random.nextInt(size);
        int head =
            at.driver.freeDescriptors() > 1 && random.nextBoolean()
                ? at.driver.offer(parts)
                : at.driver.offerIndirect(TABLE + 32L * (slot % 64), parts);
        lengths[head] = -1;
        outstanding++;
        // a table may be overwritten once its chain was read, not before
        DescriptorChain chain = at.poll();
        lengths[head] = (int) chain.writableBytes();
        assertEquals(first + second, chain.writableBytes());
        held.add(chain);
      }
      while (!held.isEmpty() && random.nextInt(3) != 0) {
        DescriptorChain chain = random.nextBoolean() ? held.removeFirst() : held.removeLast();
        chain.writable(0, chain.writableBytes());
        at.queue.complete(chain);
      }
      for (Used used; (used = at.driver.takeUsed()) != null; ) {
        assertEquals(lengths[used.head()], used.length());
        outstanding--;
        done++;
      }
      assertEquals(outstanding, at.queue.inFlight());
      at.writes.clear();
      if (held.isEmpty() && random.nextInt(50) == 0) {
        at.rebuild();
      }
    }
  }

  /// The driver sleeps when it was told that no interrupt or kick is needed: if either side is
  /// told wrong, this stands still.
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void neitherSideSleepsWhileTheOtherWaits(long seed) {
    Random random = new Random(seed);
    QueueFixture at = new QueueFixture(1 << (1 + random.nextInt(4)), seed % 2 == 0, 0xFFF0);
    boolean kicked = true;
    boolean interrupted = true;
    int done = 0;
    while (done < 200_000) {
      assertTrue(kicked || interrupted, "both sleep");
      if (kicked && (random.nextBoolean() || !interrupted)) {
        at.queue.pauseKicks();
        for (int i = random.nextInt(20); i > 0 && at.queue.inFlight() >= 0; i--) {
          DescriptorChain chain = at.queue.poll();
          if (chain == null) {
            break;
          }
          at.queue.complete(chain);
        }
        kicked = at.queue.resumeKicks();
        interrupted |= at.queue.takeInterruptRequest();
      } else {
        at.driver.disableInterrupts();
        int offers = random.nextInt(20);
        for (int i = 0; i < offers && at.driver.freeDescriptors() > 0; i++) {
          at.driver.offer(writable(DATA, 1));
          kicked |= random.nextBoolean() && at.driver.wantsKick();
        }
        kicked |= at.driver.wantsKick();
        while (random.nextInt(10) != 0 && at.driver.takeUsed() != null) {
          done++;
        }
        // with descriptors to spare it has more to offer and stays awake
        interrupted = at.driver.enableInterrupts() || at.driver.freeDescriptors() > 0;
      }
      at.writes.clear();
    }
  }

  private static void complete(QueueFixture at) {
    at.driver.offer(writable(DATA, 8));
    at.queue.complete(at.poll());
    at.used();
  }
}
