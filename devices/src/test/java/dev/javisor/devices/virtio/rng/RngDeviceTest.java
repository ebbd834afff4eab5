package dev.javisor.devices.virtio.rng;

import static dev.javisor.devices.virtio.DriverFixture.DATA;
import static dev.javisor.testkit.virtio.MockDriver.Part.readable;
import static dev.javisor.testkit.virtio.MockDriver.Part.writable;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.DriverFixture;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.testkit.virtio.MockDriver;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RngDeviceTest {
  private static final long FEATURES =
      VirtioFeatures.VIRTIO_F_EVENT_IDX | VirtioFeatures.VIRTIO_F_INDIRECT_DESC;

  private final DriverFixture at = new DriverFixture(FEATURES, RngDeviceTest::device).activate();

  private static RngDevice device(DriverFixture at) {
    return new RngDevice("rng", target -> target.fill((byte) 0x5A), at.failures::add);
  }

  @AfterEach
  void end() {
    at.close();
    assertTrue(at.device.join(DriverFixture.HANG_MILLIS));
    assertEquals(List.of(), List.copyOf(at.failures));
  }

  private void offer(MockDriver.Part... parts) {
    at.queue(0).offer(parts);
    at.kick();
  }

  @Test
  void everyOfferedByteIsFilled() {
    offer(writable(DATA, 3), writable(DATA + 100, 5));
    assertEquals(8, at.used(0).length());
    for (long gpa : new long[] {DATA, DATA + 2, DATA + 100, DATA + 104}) {
      assertEquals(0x5A, at.bytes(gpa, 1)[0]);
    }
    assertEquals(0, at.bytes(DATA + 105, 1)[0]);
  }

  @Test
  void oneRequestStopsAt64KiB() {
    offer(writable(DATA, 50_000), writable(DATA + 50_000, 50_000));
    assertEquals(64 << 10, at.used(0).length());
    assertEquals(0, at.bytes(DATA + (64 << 10), 1)[0]);
  }

  @Test
  void aChainWithNothingToWriteReturnsWithZeroBytes() {
    offer(readable(DATA, 8));
    assertEquals(0, at.used(0).length());
  }

  @Test
  void aKickDuringWorkIsNotLost() {
    for (int i = 0; i < 2000; i++) {
      at.queue(0).offer(writable(DATA, 1));
      if (at.queue(0).wantsKick()) {
        at.kick();
      }
      if (at.queue(0).freeDescriptors() == 0 || i % 7 == 0) {
        at.used(0);
      }
      while (at.queue(0).takeUsed() != null) {
        // catch up
      }
    }
  }

  @Test
  void theDriverIsInterruptedForWhatItWaitsFor() {
    at.queue(0).enableInterrupts();
    offer(writable(DATA, 1));
    at.used(0);
    at.await("the interrupt", () -> at.interrupts.used.get(0) == 1);
  }

  @Test
  void nonsenseAsksForAResetOnceAndTheMachineGoesOn() {
    at.queue(0).publish(4711);
    at.kick();
    at.await("the wish for a reset", () -> !at.interrupts.resetsWanted.isEmpty());
    at.kick();
    at.queue(0).publish(0);
    at.kick();
    assertTrue(at.device.quiesce(System.nanoTime() + 30_000_000_000L));
    assertEquals(List.of("rng: available head 4711 in a queue of 64"), at.interrupts.resetsWanted);
    at.device.resume();
  }

  @Test
  void afterAResetItServesANewDriver() {
    at.queue(0).publish(4711);
    at.kick();
    at.await("the wish for a reset", () -> !at.interrupts.resetsWanted.isEmpty());
    boolean[] done = {false};
    at.device.reset(() -> done[0] = true);
    at.await("the reset", () -> done[0]);
    at.activate();
    offer(writable(DATA, 4));
    assertEquals(4, at.used(0).length());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rebuiltFromItsBytesItServesWhatWaitsWithoutAKick(boolean servedBefore) {
    if (servedBefore) {
      offer(writable(DATA, 1));
      at.used(0);
    }
    assertTrue(at.device.quiesce(System.nanoTime() + 30_000_000_000L));
    at.queue(0).offer(writable(DATA, 7)); // and its kick is lost
    at.rebuild(RngDeviceTest::device);
    assertEquals(7, at.used(0).length());
    at.await("an interrupt", () -> at.interrupts.used.get(0) > 0);
  }
}
