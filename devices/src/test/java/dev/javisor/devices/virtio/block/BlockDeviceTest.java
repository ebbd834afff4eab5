package dev.javisor.devices.virtio.block;

import static dev.javisor.devices.virtio.block.BlockFixture.DISCARD;
import static dev.javisor.devices.virtio.block.BlockFixture.DISK_BYTES;
import static dev.javisor.devices.virtio.block.BlockFixture.GET_ID;
import static dev.javisor.devices.virtio.block.BlockFixture.IN;
import static dev.javisor.devices.virtio.block.BlockFixture.OUT;
import static dev.javisor.devices.virtio.block.BlockFixture.UNTOUCHED;
import static dev.javisor.devices.virtio.block.BlockFixture.WRITE_ZEROES;
import static dev.javisor.devices.virtio.block.BlockFixture.data;
import static dev.javisor.devices.virtio.block.BlockFixture.header;
import static dev.javisor.devices.virtio.block.BlockFixture.status;
import static dev.javisor.devices.virtio.block.BlockRequest.S_IOERR;
import static dev.javisor.devices.virtio.block.BlockRequest.S_OK;
import static dev.javisor.devices.virtio.block.BlockRequest.S_UNSUPP;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.DriverFixture;
import dev.javisor.devices.virtio.DriverFixture.Write;
import dev.javisor.testkit.virtio.MockDriver.Part;
import dev.javisor.vmm.backend.BlockStore.Outcome;
import dev.javisor.vmm.backend.BlockStore.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BlockDeviceTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long SECTORS = DISK_BYTES / 512;

  private BlockFixture at = new BlockFixture();

  private void with(long features, boolean readOnly) {
    at.close();
    at = new BlockFixture(features, readOnly);
  }

  @AfterEach
  void end() {
    at.close();
    assertEquals(List.of(), List.copyOf(at.driver.failures));
  }

  @Test
  void aReadFillsTheGuestsMemory() {
    int n = at.read(3, 1024);
    assertEquals(1025, at.driver.used(0).length());
    assertEquals(S_OK, at.statusOf(n));
    assertArrayEquals(
        Arrays.copyOfRange(at.store.bytes, 1536, 2560), at.driver.bytes(data(n), 1024));
  }

  @Test
  void aWriteReachesTheStore() {
    at.driver.fill(data(0), 11, 22, 33);
    int n = at.write(5, 512);
    assertEquals(1, at.driver.used(0).length());
    assertEquals(S_OK, at.statusOf(n));
    assertArrayEquals(new byte[] {11, 22, 33, 0}, Arrays.copyOfRange(at.store.bytes, 2560, 2564));
  }

  @Test
  void howTheDriverCutsARequestMeansNothing() {
    int n = at.prepare(IN, 1);
    at.offer(
        Part.readable(header(n), 3),
        Part.readable(header(n) + 3, 13),
        Part.writable(data(n), 100),
        Part.writable(data(n) + 100, 413)); // 412 of data, and the status
    at.driver.used(0);
    assertEquals(0, at.driver.bytes(data(n) + 512, 1)[0]);
    assertEquals(2, at.driver.bytes(data(n) + 511, 1)[0]);
  }

  @Test
  void theHeaderMayShareAPartWithTheData() {
    int n = at.prepare(OUT, 2);
    at.driver.fill(header(n) + 16, 77);
    at.offer(Part.readable(header(n), 16 + 512), Part.writable(status(n), 1));
    assertEquals(S_OK, at.answer(n));
    assertEquals(77, at.store.bytes[1024]);
  }

  @Test
  void aFlushIsAFlush() {
    int n = at.flush();
    assertEquals(S_OK, at.answer(n));
    assertEquals(List.of(new Request.Flush()), at.store.requests);
  }

  @Test
  void aDriverWithoutFlushGetsADiskThatWritesThrough() {
    with(BlockFixture.ALL & ~BlockDevice.F_FLUSH, false);
    at.store.holding = true;
    int n = at.write(0, 512);
    at.driver.await("the write", () -> at.store.heldRequests() == 1);
    at.store.answerFirst();
    at.driver.await("the flush", () -> at.store.heldRequests() == 1);
    assertEquals(UNTOUCHED, at.statusOf(n));
    assertEquals(new Request.Flush(), at.store.requests.get(1));
    at.store.answerFirst();
    assertEquals(S_OK, at.answer(n));
  }

  @Test
  void theIdIsTwentyBytes() {
    int n = at.prepare(GET_ID, 0);
    at.offer(Part.readable(header(n), 16), Part.writable(data(n), 20), Part.writable(status(n), 1));
    assertEquals(S_OK, at.answer(n));
    assertEquals(
        "serial-0123456789-an",
        new String(at.driver.bytes(data(n), 20), StandardCharsets.US_ASCII));
  }

  @Test
  void anIdThatDoesNotFitIsAnError() {
    int n = at.prepare(GET_ID, 0);
    at.offer(Part.readable(header(n), 16), Part.writable(data(n), 19), Part.writable(status(n), 1));
    assertEquals(S_IOERR, at.answer(n));
    assertEquals(0, at.driver.bytes(data(n), 1)[0]);
  }

  @Test
  void everyExtentOfADiscardIsDoneBeforeItIsAnswered() {
    at.store.holding = true;
    int n = at.extents(DISCARD, 8, 8, 0, 32, 16, 0);
    at.driver.await("both", () -> at.store.heldRequests() == 2);
    assertEquals(
        List.of(new Request.Discard(4096, 4096), new Request.Discard(16384, 8192)),
        at.store.requests);
    at.store.answerLast();
    assertTrue(at.driver.device.quiesce(System.nanoTime()) || at.statusOf(n) == UNTOUCHED);
    at.driver.device.resume();
    at.store.answerLast();
    assertEquals(S_OK, at.answer(n));
  }

  @Test
  void zeroesMayUnmapWhenTheDriverSaysSo() {
    int n = at.extents(WRITE_ZEROES, 8, 8, 1, 32, 16, 0);
    assertEquals(S_OK, at.answer(n));
    assertEquals(
        List.of(
            new Request.WriteZeroes(4096, 4096, true), new Request.WriteZeroes(16384, 8192, false)),
        at.store.requests);
  }

  @Test
  void aWholeListIsCheckedBeforeAnyOfItIsDone() {
    assertEquals(S_IOERR, at.answer(at.extents(DISCARD, 0, 8, 0, SECTORS, 1, 0)));
    assertEquals(S_IOERR, at.answer(at.extents(DISCARD, 0, 8, 0, -1, 2, 0)));
    assertEquals(S_IOERR, at.answer(at.extents(WRITE_ZEROES, 0, SECTORS + 1, 0)));
    assertEquals(S_IOERR, at.answer(at.extents(WRITE_ZEROES, 0, 0, 0)));
    assertEquals(S_IOERR, at.answer(at.extents(DISCARD)));
    assertEquals(S_UNSUPP, at.answer(at.extents(DISCARD, 0, 8, 1)));
    assertEquals(S_UNSUPP, at.answer(at.extents(DISCARD, 0, 8, 2)));
    assertEquals(S_UNSUPP, at.answer(at.extents(WRITE_ZEROES, 0, 8, 3)));
    assertEquals(List.of(), at.store.requests);
  }

  @Test
  void aListOfMoreThanWeOfferIsAnError() {
    long[] triples = new long[33 * 3];
    for (int i = 0; i < triples.length; i += 3) {
      triples[i + 1] = 1;
    }
    assertEquals(S_IOERR, at.answer(at.extents(DISCARD, triples)));
    assertEquals(S_OK, at.answer(at.extents(DISCARD, Arrays.copyOf(triples, 32 * 3))));
  }

  @Test
  void aListThatEndsInsideAnExtentIsAnError() {
    int n = at.prepare(DISCARD, 0);
    at.driver.fill(data(n), 8, 0, 0, 0, 0, 0, 0, 0, 8); // a good extent, and a byte
    at.offer(Part.readable(header(n), 16), Part.readable(data(n), 17), Part.writable(status(n), 1));
    assertEquals(S_IOERR, at.answer(n));
    assertEquals(List.of(), at.store.requests);
  }

  @Test
  void whatWasNotNegotiatedIsUnsupported() {
    with(BlockFixture.ALL & ~(BlockDevice.F_DISCARD | BlockDevice.F_WRITE_ZEROES), false);
    assertEquals(S_UNSUPP, at.answer(at.extents(DISCARD, 0, 8, 0)));
    assertEquals(S_UNSUPP, at.answer(at.extents(WRITE_ZEROES, 0, 8, 0)));
  }

  @Test
  void anUnknownTypeIsUnsupported() {
    int n = at.prepare(4711, 0);
    at.offer(Part.readable(header(n), 16), Part.writable(status(n), 1));
    assertEquals(S_UNSUPP, at.answer(n));
  }

  @Test
  void readOnlyIsEnforcedThoughTheDriverDoesNotKnowIt() {
    with(BlockFixture.ALL, true);
    assertTrue((at.driver.device.features() & BlockDevice.F_RO) != 0);
    assertEquals(S_IOERR, at.answer(at.write(0, 512)));
    assertEquals(S_IOERR, at.answer(at.extents(DISCARD, 0, 8, 0)));
    assertEquals(S_IOERR, at.answer(at.extents(WRITE_ZEROES, 0, 8, 0)));
    assertEquals(List.of(), at.store.requests);
    assertEquals(S_OK, at.answer(at.read(0, 512)));
  }

  @Test
  void whatDoesNotLieInsideTheDiskIsAnError() {
    long[] sectors = {SECTORS - 1, SECTORS, SECTORS + 1, -1, Long.MIN_VALUE, 1L << 55, 1L << 62};
    for (long sector : sectors) {
      assertEquals(S_IOERR, at.answer(at.read(sector, 1024)), "read " + sector);
      assertEquals(S_IOERR, at.answer(at.write(sector, 1024)), "write " + sector);
    }
    assertEquals(S_OK, at.answer(at.read(SECTORS - 2, 1024)));
    assertEquals(1, at.store.requests.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 511, 513})
  void whatIsNoWholeNumberOfSectorsIsAnError(int bytes) {
    assertEquals(S_IOERR, at.answer(at.read(0, bytes)));
    assertEquals(S_IOERR, at.answer(at.write(0, bytes)));
    assertEquals(List.of(), at.store.requests);
  }

  @Test
  void aTransferOfNothingIsAnError() {
    for (int type : new int[] {IN, OUT}) {
      int n = at.prepare(type, 0);
      at.offer(Part.readable(header(n), 16), Part.writable(status(n), 1));
      assertEquals(S_IOERR, at.answer(n));
    }
  }

  @Test
  void withoutAStatusByteTheDeviceWantsAReset() {
    int n = at.prepare(IN, 0);
    at.offer(Part.readable(header(n), 16));
    assertEquals(0, at.driver.used(0).length());
    at.driver.await("it", () -> at.driver.interrupts.resetsWanted.size() == 1);
  }

  @Test
  void withoutAWholeHeaderTheDeviceWantsAReset() {
    int n = at.prepare(IN, 0);
    at.offer(Part.readable(header(n), 15), Part.writable(data(n), 513));
    assertEquals(0, at.driver.used(0).length());
    at.driver.await("it", () -> at.driver.interrupts.resetsWanted.size() == 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"IO_ERROR", "UNSUPPORTED"})
  void whatTheStoreCouldNotDoTheDriverIsTold(Outcome outcome) {
    at.store.outcome = outcome;
    int status = outcome == Outcome.IO_ERROR ? S_IOERR : S_UNSUPP;
    assertEquals(status, at.answer(at.read(0, 512)));
    assertEquals(status, at.answer(at.write(0, 512)));
    assertEquals(status, at.answer(at.flush()));
    assertEquals(status, at.answer(at.extents(DISCARD, 0, 8, 0, 8, 8, 0)));
  }

  @Test
  void aReadReportsItsDataItsStatusAndTheUsedRingAndNothingElse() {
    at.driver.kick();
    settle();
    int n = at.read(0, 8192);
    assertEquals(S_OK, at.answer(n));
    settle();
    assertEquals(List.of(new Write(data(n), 8192), new Write(status(n), 1)), withoutUsedRing());
  }

  @Test
  void aFailedReadReportsItsStatusAndTheUsedRingOnly() {
    at.store.outcome = Outcome.IO_ERROR;
    settle();
    int n = at.read(0, 8192);
    assertEquals(S_IOERR, at.answer(n));
    settle();
    assertEquals(List.of(new Write(status(n), 1)), withoutUsedRing());
  }

  @Test
  void aWriteReportsItsStatusAndTheUsedRingOnly() {
    settle();
    int n = at.write(0, 8192);
    assertEquals(S_OK, at.answer(n));
    settle();
    assertEquals(List.of(new Write(status(n), 1)), withoutUsedRing());
  }

  private void settle() {
    assertTrue(at.driver.device.quiesce(System.nanoTime() + 30 * SECOND));
    if (at.driver.queue(0).usedIndex() == 0) {
      at.driver.writes.clear();
    }
    at.driver.device.resume();
  }

  /// What was reported outside the used ring, which must have been reported too.
  private List<Write> withoutUsedRing() {
    long ring = at.driver.queue(0).usedRing();
    long end = ring + 4 + 8 * 256 + 2;
    List<Write> others = new ArrayList<>(at.driver.writes);
    assertTrue(others.removeIf(write -> write.equals(new Write(ring + 4, 8))), "used element");
    assertTrue(others.removeIf(write -> write.equals(new Write(ring + 2, 2))), "used index");
    others.removeIf(write -> write.gpa() >= ring && write.gpa() + write.size() <= end);
    return others;
  }

  @Test
  void theStatusByteComesAfterTheData() {
    AtomicBoolean wrong = new AtomicBoolean();
    at.driver.memory.subscribe(
        (gpa, size) -> {
          boolean data = gpa == data(0);
          boolean status = gpa == status(0);
          if (data && at.driver.bytes(data(0), 1)[0] != 1) {
            wrong.set(true); // reported before it was there
          }
          if ((data || status) && at.driver.queue(0).usedIndex() != 0) {
            wrong.set(true); // reported after it was published
          }
        });
    at.store.holding = true;
    int n = at.read(0, 512);
    at.driver.await("it", () -> at.store.heldRequests() == 1);
    assertEquals(UNTOUCHED, at.statusOf(n));
    at.store.answerFirst();
    assertEquals(S_OK, at.answer(n));
    assertFalse(wrong.get());
  }

  @Test
  void aStoreThatAnswersTheFirstOnlyAfterTheSecondIsNoDeadlock() {
    at.store.holding = true;
    int first = at.read(0, 512);
    at.driver.await("the first", () -> at.store.heldRequests() == 1);
    int second = at.read(1, 512);
    at.driver.await("the second", () -> at.store.heldRequests() == 2);
    at.store.answerLast();
    assertEquals(S_OK, at.answer(second));
    assertEquals(UNTOUCHED, at.statusOf(first));
    at.store.answerLast();
    assertEquals(S_OK, at.answer(first));
  }

  @Test
  void aFullQueueOfRequestsComesBackInAnyOrder() {
    at.store.holding = true;
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      at.read(i, 512);
      order.add(i);
    }
    at.driver.await("all of them", () -> at.store.heldRequests() == 60);
    Collections.shuffle(order, new java.util.Random(7));
    order.forEach(
        i -> {
          if (i % 2 == 0) {
            at.store.answerFirst();
          } else {
            at.store.answerLast();
          }
        });
    for (int i = 0; i < 60; i++) {
      assertEquals(513, at.driver.used(0).length());
    }
    for (int n = 0; n < 60; n++) {
      assertEquals(S_OK, at.statusOf(n));
      assertEquals((byte) (n + 1), at.driver.bytes(data(n), 1)[0]);
    }
  }

  @Test
  void aStoreThatNeverAnswersEndsInDeviceNeedsReset() {
    at.store.holding = true;
    at.read(0, 512);
    at.driver.await("it", () -> at.store.heldRequests() == 1);
    assertFalse(at.driver.device.quiesce(System.nanoTime() + SECOND / 20));
    at.driver.device.resume();
    int second = at.write(1, 512);
    at.driver.await("the machine to run on", () -> at.store.heldRequests() == 2);
    at.store.answerLast();
    assertEquals(S_OK, at.answer(second));
    AtomicBoolean done = new AtomicBoolean();
    at.driver.device.reset(() -> done.set(true));
    at.driver.await("it to give up", () -> at.driver.interrupts.resetsWanted.size() == 1);
    at.driver.writes.clear();
    at.store.answerLast(); // too late
    assertFalse(at.driver.device.join(100));
    assertFalse(done.get());
    assertEquals(List.of(), at.driver.writes);
    assertEquals(1, at.driver.interrupts.resetsWanted.size());
  }

  @Test
  void resetWaitsForTheStoreAndWritesNothingMore() {
    at.store.holding = true;
    int n = at.read(0, 512);
    at.driver.await("it", () -> at.store.heldRequests() == 1);
    AtomicBoolean done = new AtomicBoolean();
    at.driver.device.reset(() -> done.set(true));
    assertFalse(done.get());
    at.driver.writes.clear();
    at.store.answerFirst();
    at.driver.await("the reset", done::get);
    assertEquals(UNTOUCHED, at.statusOf(n));
    assertEquals(List.of(), at.driver.writes);
  }

  @Test
  void closeEndsTheStoreAndJoinWaitsForIt() {
    at.store.holding = true;
    at.read(0, 512);
    at.driver.await("it", () -> at.store.heldRequests() == 1);
    at.driver.device.close();
    assertFalse(at.driver.device.join(50));
    assertTrue(at.store.closed);
    at.store.joined = false;
    at.store.answerFirst();
    assertFalse(at.driver.device.join(50), "the file is still open");
    at.store.joined = true;
    assertTrue(at.driver.device.join(DriverFixture.HANG_MILLIS));
  }

  @Test
  void theConfigurationDescribesTheDisk() {
    BlockDevice device = at.device(at.driver);
    assertEquals(SECTORS, device.readConfig(0, 4));
    assertEquals(0, device.readConfig(4, 4));
    assertEquals(254, device.readConfig(12, 4), "seg_max");
    assertEquals(512, device.readConfig(20, 4), "blk_size");
    assertEquals(1, device.readConfig(34, 2), "num_queues");
    assertEquals(32, device.readConfig(40, 4), "max_discard_seg");
    assertEquals(1, device.readConfig(56, 1), "write_zeroes_may_unmap");
    device.writeConfig(0, 4, 1);
    assertEquals(SECTORS, device.readConfig(0, 4));
    assertEquals(2, device.deviceId());
    device.close();
  }

  @Test
  void rebuiltInMidTrafficItGoesOn() {
    at.store.holding = true;
    int first = at.read(0, 512);
    at.driver.await("it", () -> at.store.heldRequests() == 1);
    at.store.holding = false;
    at.store.answerFirst();
    assertEquals(S_OK, at.answer(first));
    assertTrue(at.driver.device.quiesce(System.nanoTime() + 30 * SECOND));
    int waiting = at.read(7, 512);
    at.driver.rebuild(at::device);
    assertEquals(S_OK, at.answer(waiting));
    assertEquals(8, at.driver.bytes(data(waiting), 1)[0]);
    assertEquals(0, at.driver.interrupts.configChanges.get());
  }

  @Test
  void restoredWithAnotherDiskTheGuestIsToldOfItsSize() {
    at.driver.rebuild(
        driver ->
            new BlockDevice(
                "blk",
                new dev.javisor.testkit.virtio.MemoryStore(4096, false),
                "",
                driver.failures::add));
    assertEquals(1, at.driver.interrupts.configChanges.get());
    assertEquals(8, at.driver.device.readConfig(0, 4));
    assertEquals(S_IOERR, at.answer(at.read(8, 512)));
  }
}
