package dev.javisor.devices.pci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.testkit.fake.RecordingMsi.Message;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VirtioTransportTest {
  private static final int NEEDS_RESET = 0x40;
  private static final long SECOND = 1_000_000_000L;

  private final Arena arena = Arena.ofShared();
  private final FakeVirtio device = new FakeVirtio(16, 32);
  private final PciMachine pci = new PciMachine(arena, true, device);

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void aDriverGetsItsDeviceGoing() {
    pci.start(1);
    assertEquals(15, pci.status(1));
    assertEquals(List.of("activate"), device.calls);
    Activation activation = device.activation();
    assertTrue(activation.has(VirtioFeatures.VIRTIO_F_VERSION_1));
    assertTrue(activation.has(1 << 9));
    assertEquals(
        List.of(
            new QueueSetup(8, 0x10000, 0x11000, 0x12000),
            new QueueSetup(8, 0x20000, 0x21000, 0x22000)),
        activation.queues());
    assertEquals(1, pci.doorbell(1).takeRings(), "for notifications that came too early");
  }

  @Test
  void ringFeaturesAreOfferedBesideTheDevicesOwn() {
    pci.memoryDecoding(1, true);
    long ring =
        VirtioFeatures.VIRTIO_F_VERSION_1
            | VirtioFeatures.VIRTIO_F_INDIRECT_DESC
            | VirtioFeatures.VIRTIO_F_EVENT_IDX;
    assertEquals(ring | device.features(), pci.offered(1));
    pci.common(1, 0, 4, 2);
    assertEquals(0, pci.common(1, 4, 4), "there are 64");
  }

  @Test
  void featuresWithoutVersion1AreRefused() {
    pci.negotiate(1);
    pci.status(1, 0);
    pci.status(1, 3);
    pci.acknowledge(1, 1 << 9);
    pci.status(1, 11);
    assertEquals(3, pci.status(1));
    pci.status(1, 15);
    assertEquals(3, pci.status(1), "and DRIVER_OK with them");
    assertEquals(List.of(), device.calls);
  }

  @Test
  void featuresNeverOfferedAreRefused() {
    pci.memoryDecoding(1, true);
    pci.status(1, 3);
    pci.acknowledge(1, VirtioFeatures.VIRTIO_F_VERSION_1 | 1 << 7);
    pci.status(1, 11);
    assertEquals(3, pci.status(1));
  }

  @Test
  void featuresAreSettledOnceTheDeviceAgreed() {
    pci.negotiate(1);
    pci.acknowledge(1, 0);
    pci.common(1, 8, 4, 1);
    assertEquals(1, pci.common(1, 0x0C, 4));
  }

  @Test
  void statusBitsComeInTheirOrder() {
    pci.memoryDecoding(1, true);
    pci.status(1, 4);
    assertEquals(0, pci.status(1), "no DRIVER_OK out of nothing");
    pci.status(1, 2);
    assertEquals(0, pci.status(1), "no DRIVER before ACKNOWLEDGE");
    pci.status(1, 1);
    pci.status(1, 9);
    assertEquals(1, pci.status(1), "no FEATURES_OK before DRIVER");
    pci.status(1, 0x40 | 0x30 | 1);
    assertEquals(1, pci.status(1), "bits that are not the driver's");
    pci.negotiate(1);
    pci.status(1, 1);
    assertEquals(11, pci.status(1), "bits are not taken back");
    pci.status(1, 0x80 | 11);
    pci.status(1, 0x80 | 15);
    assertEquals(0x80 | 11, pci.status(1), "FAILED is final");
  }

  @Test
  void queueRegistersAreFixedOnceTheQueueIsEnabled() {
    pci.negotiate(1);
    pci.describeQueue(1, 0, 8, 0x10000, 0x11000, 0x12000);
    pci.enableQueue(1, 0);
    pci.describeQueue(1, 0, 16, 0x50000, 0x51000, 0x52000);
    pci.common(1, 0x1C, 2, 0);
    assertEquals(1, pci.common(1, 0x1C, 2), "enabled until reset");
    assertEquals(8, pci.common(1, 0x18, 2));
    assertEquals(0x10000, pci.common(1, 0x20, 4));
  }

  @Test
  void queueRegistersAreFixedAfterDriverOk() {
    pci.negotiate(1);
    pci.status(1, 15);
    pci.describeQueue(1, 1, 8, 0x10000, 0x11000, 0x12000);
    pci.enableQueue(1, 1);
    assertEquals(32, pci.common(1, 0x18, 2));
    assertEquals(0, pci.common(1, 0x1C, 2));
    assertEquals(Arrays.asList(null, null), device.activation().queues());
  }

  @Test
  void aQueueThatDoesNotExistHasSizeZero() {
    pci.negotiate(1);
    pci.describeQueue(1, 2, 8, 0x10000, 0x11000, 0x12000);
    pci.enableQueue(1, 2);
    pci.enableQueue(1, 0xFFFF);
    assertEquals(0, pci.common(1, 0x18, 2));
    assertEquals(0, pci.common(1, 0x1C, 2));
    assertEquals(11, pci.status(1));
  }

  @Test
  void impossibleQueuesNeedAReset() {
    long top = PciMachine.RAM_BYTES;
    long[][] hostile = {
      {0, 0x10000, 0x11000, 0x12000}, // no entries
      {7, 0x10000, 0x11000, 0x12000}, // not a power of two
      {32, 0x10000, 0x11000, 0x12000}, // more than offered
      {8, 0x10008, 0x11000, 0x12000}, // descriptors 16-aligned
      {8, 0x10000, 0x11001, 0x12000}, // avail 2-aligned
      {8, 0x10000, 0x11000, 0x12002}, // used 4-aligned
      {8, top - 16 * 8 + 16, 0x11000, 0x12000}, // descriptors leave RAM
      {8, 0x10000, top - 20, 0x12000}, // avail leaves RAM
      {8, 0x10000, 0x11000, top - 68}, // used leaves RAM
      {8, -16, 0x11000, 0x12000}, // wraps
      {8, 0x7FFF_FFFF_FFFF_FFF0L, 0x11000, 0x12000},
      {8, 0x10000, 0xC000_8000L, 0x12000}, // a BAR
    };
    for (long[] q : hostile) {
      pci.negotiate(1);
      pci.describeQueue(1, 0, (int) q[0], q[1], q[2], q[3]);
      pci.enableQueue(1, 0);
      assertEquals(11 | NEEDS_RESET, pci.status(1), Arrays.toString(q));
      assertEquals(0, pci.common(1, 0x1C, 2));
      pci.status(1, 15);
      assertEquals(15 | NEEDS_RESET, pci.status(1));
      assertEquals(List.of(), device.calls, "never activated");
      pci.status(1, 0);
      assertEquals(0, pci.status(1));
    }
  }

  @Test
  void queuesThatFitExactlyAreTaken() {
    long top = PciMachine.RAM_BYTES;
    pci.negotiate(1);
    pci.describeQueue(1, 0, 16, top - 16 * 16, 0x11000, 0x12000);
    pci.enableQueue(1, 0);
    pci.describeQueue(1, 1, 1, 0x10000, top - 8, 0x12000);
    pci.enableQueue(1, 1);
    pci.status(1, 15);
    assertEquals(15, pci.status(1));
  }

  @Test
  void needsResetInterruptsAndStaysUntilReset() {
    pci.start(1);
    pci.msixControl(1, true, false);
    pci.msixEntry(1, 0, 0xFEE0_0000L, 0x30, false);
    device.activation().interrupts().needsReset("a test");
    device.activation().interrupts().needsReset("a test");
    assertEquals(15 | NEEDS_RESET, pci.status(1));
    assertEquals(List.of(new Message(0xFEE0_0000L, 0x30)), pci.message(0).sent());
    pci.status(1, 15);
    assertEquals(15 | NEEDS_RESET, pci.status(1));
    pci.status(1, 0);
    assertEquals(0, pci.status(1));
  }

  @Test
  void resetForgetsEverythingTheDriverSaid() {
    pci.start(1);
    pci.status(1, 0);
    assertEquals(List.of("activate", "reset"), device.calls);
    assertEquals(0, pci.status(1));
    assertEquals(0xFFFF, pci.common(1, 0x10, 2));
    pci.common(1, 0x16, 2, 1);
    assertEquals(0, pci.common(1, 0x1C, 2));
    assertEquals(32, pci.common(1, 0x18, 2));
    assertEquals(0xFFFF, pci.common(1, 0x1A, 2));
    assertEquals(0, pci.common(1, 0x20, 4));
    assertEquals(0, pci.common(1, 0x0C, 4));
    pci.start(1);
    assertEquals(List.of("activate", "reset", "activate"), device.calls.subList(0, 3));
  }

  @Test
  void statusIsNotZeroUntilTheDeviceLetGo() {
    pci.start(1);
    device.answersResets = false;
    pci.status(1, 0);
    assertEquals(15, pci.status(1));
    pci.memoryDecoding(1, false);
    pci.memoryDecoding(1, true);
    assertEquals(List.of(), pci.vm.connectedAt(), "nobody listens any more");
    pci.status(1, 0);
    pci.status(1, 1);
    assertEquals(15, pci.status(1), "nothing else happens meanwhile");
    assertEquals(1, device.unfinishedResets.size());
    assertFalse(pci.host.quiesce(System.nanoTime() + SECOND / 100));
    device.unfinishedResets.getFirst().run();
    assertEquals(0, pci.status(1));
    assertTrue(pci.host.quiesce(System.nanoTime() + SECOND));
  }

  @Test
  void doorbellsHangWhereTheNotifyCapabilitySays() {
    pci.start(1);
    assertEquals(List.of(pci.notifyAddress(1, 0), pci.notifyAddress(1, 1)), pci.vm.connectedAt());
    pci.doorbell(1).takeRings();
    pci.notifyQueue(1, 1);
    assertEquals(1, pci.doorbell(1).takeRings());
  }

  @Test
  void doorbellsComeAndGoWithMemoryEnable() {
    pci.start(1);
    pci.memoryDecoding(1, false);
    assertEquals(List.of(), pci.vm.connectedAt());
    pci.memoryDecoding(1, true);
    assertEquals(2, pci.vm.connectedAt().size());
  }

  @Test
  void doorbellsFollowAMovedBar() {
    pci.start(1);
    pci.config(1, PciMachine.BAR_0, 4, 0xD000_0000L);
    assertEquals(List.of(0xD000_3000L, 0xD000_3004L), pci.vm.connectedAt());
    pci.config(1, PciMachine.BAR_0, 4, 0xFFFF_FFFFL);
    assertEquals(List.of(0xD000_3000L, 0xD000_3004L), pci.vm.connectedAt(), "only sized");
    pci.config(1, PciMachine.BAR_0, 4, 0xFEC0_0000L);
    assertEquals(List.of(), pci.vm.connectedAt(), "not on the I/O APIC");
  }

  @Test
  void resetTakesDoorbellsDown() {
    pci.start(1);
    pci.status(1, 0);
    assertEquals(List.of(), pci.vm.connectedAt());
    pci.memoryDecoding(1, false);
    pci.memoryDecoding(1, true);
    assertEquals(List.of(), pci.vm.connectedAt());
  }

  @Test
  void withoutShortcutsTheStoreExitsAndRings() {
    PciMachine plain = new PciMachine(arena, false, new FakeVirtio(8, 8));
    plain.negotiate(1);
    plain.notifyQueue(1, 0);
    assertEquals(0, plain.doorbell(1).takeRings(), "nobody is there yet");
    plain.start(1);
    plain.doorbell(1).takeRings();
    plain.notifyQueue(1, 0);
    plain.notifyQueue(1, 1);
    assertEquals(2, plain.doorbell(1).takeRings());
    plain.mmio.write(plain.notifyAddress(1, 2), 2, 2);
    plain.mmio.write(plain.notifyAddress(1, 0) + 1, 2, 2);
    assertEquals(0, plain.doorbell(1).takeRings(), "there are two queues");
  }

  @Test
  void deviceConfigIsReadInWholeFields() {
    pci.memoryDecoding(1, true);
    long config = pci.structure(1, 4);
    assertEquals(0x0403_0201, pci.mmio.read(config, 4));
    assertEquals(0x0A09, pci.mmio.read(config + 8, 2));
    assertEquals(0xFFFF_FFFFL, pci.mmio.read(config + 8, 4), "beyond its end");
    assertEquals(0xFFFF, pci.mmio.read(config + 1, 2));
    assertEquals(-1, pci.mmio.read(config, 8));
    pci.mmio.write(config + 2, 2, 0xBBAA);
    pci.mmio.write(config + 8, 4, 0);
    pci.mmio.write(config + 10, 1, 0);
    assertEquals(0xBBAA_0201L, pci.mmio.read(config, 4));
  }

  @Test
  void aConfigChangeIsANewGeneration() {
    pci.start(1);
    long before = pci.common(1, 0x15, 1);
    device.activation().interrupts().configChanged();
    assertEquals((before + 1) & 0xFF, pci.common(1, 0x15, 1));
  }

  @Test
  void commonFieldsAreAccessedInTheirOwnWidth() {
    pci.negotiate(1);
    pci.common(1, 0x14, 4, 0);
    pci.common(1, 0x14, 2, 0);
    assertEquals(11, pci.status(1), "no reset by a wide store");
    assertEquals(0xFFFF, pci.common(1, 0x14, 2));
    assertEquals(0xFF, pci.common(1, 0x12, 1));
    assertEquals(0xFFFF_FFFFL, pci.common(1, 0x38, 4));
    assertEquals(-1, pci.common(1, 0x20, 8));
  }

  @Test
  void aFreshMachineGoesOnFromTheSavedState() {
    pci.start(1);
    pci.config(1, PciMachine.BAR_0, 4, 0xD000_0000L);
    pci.msixControl(1, true, false);
    pci.msixEntry(1, 1, 0xFEE0_1000L, 0x41, false);
    pci.msixEntry(1, 2, 0xFEE0_2000L, 0x42, true);
    device.activation().interrupts().usedBuffers(1);
    pci.common(1, 0x16, 2, 1);
    assertTrue(pci.host.quiesce(System.nanoTime() + SECOND));
    byte[] saved = pci.save();

    FakeVirtio other = new FakeVirtio(16, 32);
    PciMachine after = new PciMachine(arena, true, other);
    after.load(saved);
    assertEquals(List.of("load", "activate"), other.calls);
    assertEquals(device.activation().queues(), other.activation().queues());
    assertEquals(device.activation().features(), other.activation().features());
    assertEquals(List.of(0xD000_3000L, 0xD000_3004L), after.vm.connectedAt());
    assertEquals(List.of(new Message(0xFEE0_1000L, 0x41)), after.message(1).routes());
    after.host.resume();
    assertEquals("resume", other.calls.getLast());
    assertEquals(15, after.status(1));
    assertEquals(1, after.common(1, 0x16, 2));
    other.activation().interrupts().usedBuffers(0);
    assertEquals(1, after.message(1).sent().size());
    assertEquals(0b100, after.mmio.read(after.msixPending(1), 8), "still pending");
    after.mmio.write(after.msixTable(1) + 2 * 16 + 12, 4, 0);
    assertEquals(List.of(new Message(0xFEE0_2000L, 0x42)), after.message(2).sent());
  }

  @Test
  void aMachineWithoutADriverLoadsWithoutOne() {
    byte[] saved = pci.save();
    FakeVirtio other = new FakeVirtio(16, 32);
    PciMachine after = new PciMachine(arena, true, other);
    after.load(saved);
    assertEquals(List.of("load"), other.calls);
    assertArrayEquals(saved, after.save());
  }
}
