package dev.javisor.devices.virtio.net;

import static dev.javisor.devices.virtio.DriverFixture.DATA;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.DriverFixture;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.testkit.virtio.MemoryPort;
import dev.javisor.testkit.virtio.MockDriver;
import dev.javisor.testkit.virtio.MockDriver.Part;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NetDeviceTest {
  private static final byte[] MAC = {0x52, 0x54, 0, 1, 2, (byte) 0xFE};
  private static final long PLAIN =
      VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX;
  private static final long OFFLOADS =
      NetDevice.F_CSUM
          | NetDevice.F_GUEST_CSUM
          | NetDevice.F_GUEST_TSO4
          | NetDevice.F_GUEST_TSO6
          | NetDevice.F_HOST_TSO4
          | NetDevice.F_HOST_TSO6;
  private static final int RX = 0;
  private static final int TX = 1;

  private MemoryPort port = new MemoryPort(true);
  private DriverFixture at = fixture(PLAIN | NetDevice.F_MRG_RXBUF);

  private DriverFixture fixture(long features) {
    return new DriverFixture(features, this::device).activate();
  }

  private NetDevice device(DriverFixture driver) {
    return new NetDevice("net", port, MAC, 1500, driver.failures::add);
  }

  private void with(long features) {
    at.close();
    port = new MemoryPort(true);
    at = fixture(features);
  }

  @AfterEach
  void end() {
    at.close();
    assertTrue(at.device.join(DriverFixture.HANG_MILLIS));
    assertTrue(port.closed);
    assertEquals(List.of(), List.copyOf(at.failures));
  }

  private NetDevice net() {
    return (NetDevice) at.device;
  }

  /// A frame of `bytes` in all, 12 of them a header of zeroes.
  private static byte[] frame(int bytes, int seed) {
    byte[] frame = new byte[bytes];
    new Random(seed).nextBytes(frame);
    Arrays.fill(frame, 0, Math.min(12, bytes), (byte) 0);
    return frame;
  }

  /// A frame with a header of `flags, gso_type, hdr_len, gso_size, csum_start, csum_offset`.
  private static byte[] frame(int bytes, int flags, int gso, int size, int start, int offset) {
    byte[] frame = frame(bytes, 9);
    frame[0] = (byte) flags;
    frame[1] = (byte) gso;
    frame[4] = (byte) size;
    frame[5] = (byte) (size >> 8);
    frame[6] = (byte) start;
    frame[7] = (byte) (start >> 8);
    frame[8] = (byte) offset;
    frame[9] = (byte) (offset >> 8);
    return frame;
  }

  private void send(byte[] frame) {
    at.memory.writable(DATA, frame.length).copyFrom(java.lang.foreign.MemorySegment.ofArray(frame));
    at.queue(TX).offer(Part.readable(DATA, frame.length));
    at.kick();
    assertEquals(0, at.used(TX).length());
  }

  private void post(int count, int bytes) {
    for (int i = 0; i < count; i++) {
      long gpa = 0x200000 + 0x4000L * (at.queue(RX).availIndex() % 256);
      at.queue(RX).offer(Part.writable(gpa, bytes));
    }
    at.kick();
  }

  /// The frame in the next buffers, all of which must be there with the first.
  private byte[] received(int bufferBytes) {
    at.await("a frame", () -> at.queue(RX).usedWaits());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int buffers = 1;
    for (int i = 0; i < buffers; i++) {
      MockDriver.Used used = at.queue(RX).takeUsed();
      if (used == null) {
        throw new AssertionError("buffer " + i + " of " + buffers + " is missing");
      }
      // buffers come back in the order in which they were offered
      long gpa = 0x200000 + 0x4000L * (taken++ % 256);
      assertTrue(used.length() <= bufferBytes);
      byte[] bytes = at.bytes(gpa, used.length());
      if (i == 0) {
        buffers = (bytes[10] & 0xFF) | (bytes[11] & 0xFF) << 8;
      }
      all.writeBytes(bytes);
    }
    byte[] frame = all.toByteArray();
    frame[10] = 0;
    frame[11] = 0;
    return frame;
  }

  private int taken;

  private void settle() {
    assertTrue(at.device.quiesce(System.nanoTime() + 30_000_000_000L));
    at.device.resume();
  }

  @Test
  void aFrameGoesOutAsItIs() {
    byte[] frame = frame(100, 1);
    send(frame);
    assertArrayEquals(frame, port.sent.get(0));
    assertEquals(0, net().droppedOutgoing());
  }

  @Test
  void headerAndFrameMayBeCutAnywhere() {
    byte[] frame = frame(60, 1);
    at.memory.writable(DATA, 60).copyFrom(java.lang.foreign.MemorySegment.ofArray(frame));
    at.queue(TX)
        .offer(Part.readable(DATA, 5), Part.readable(DATA + 5, 20), Part.readable(DATA + 25, 35));
    at.kick();
    at.used(TX);
    assertArrayEquals(frame, port.sent.get(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 11, 12, 25, 65_563, 100_000})
  void framesOfImpossibleLengthAreDropped(int bytes) {
    send(frame(bytes, 1));
    assertEquals(List.of(), port.sent);
    assertEquals(1, net().droppedOutgoing());
    send(frame(26, 2));
    assertEquals(1, port.sent.size());
  }

  @Test
  void theLongestFrameGoesOut() {
    send(frame(65_562, 3));
    assertEquals(65_562, port.sent.get(0).length);
  }

  @Test
  void aFullPortLosesFramesLikeANetwork() {
    port.full = true;
    send(frame(100, 1));
    assertEquals(1, net().droppedOutgoing());
    port.full = false;
    send(frame(100, 2));
    assertEquals(1, port.sent.size());
  }

  @Test
  void offloadsThatWereNotNegotiatedAreDropped() {
    send(frame(100, 1, 0, 0, 34, 16));
    send(frame(100, 0, 1, 1000, 0, 0));
    send(frame(100, 1, 1, 1000, 34, 16));
    assertEquals(List.of(), port.sent);
  }

  @Test
  void negotiatedOffloadsGoOut() {
    with(PLAIN | OFFLOADS);
    send(frame(100, 1, 0, 0, 34, 16));
    send(frame(3000, 1, 1, 1000, 34, 16));
    send(frame(3000, 1, 4, 1000, 54, 16));
    assertEquals(3, port.sent.size());
  }

  @Test
  void offloadsThatMakeNoSenseAreDropped() {
    with(PLAIN | OFFLOADS);
    send(frame(100, 1, 0, 0, 87, 0)); // the checksum lies behind the end
    send(frame(100, 1, 0, 0, 0xFFFF, 0xFFFF));
    send(frame(3000, 0, 1, 1000, 34, 16)); // TSO without a partial checksum
    send(frame(3000, 1, 1, 0, 34, 16)); // segments of nothing
    send(frame(3000, 1, 3, 1000, 34, 16)); // UFO
    send(frame(3000, 1, 0x81, 1000, 34, 16)); // ECN
    assertEquals(List.of(), port.sent);
    assertEquals(6, net().droppedOutgoing());
    send(frame(100, 1, 0, 0, 86, 0));
    assertEquals(1, port.sent.size());
  }

  @Test
  void thePortLearnsWhatTheGuestCanTake() {
    with(PLAIN | NetDevice.F_GUEST_CSUM | NetDevice.F_GUEST_TSO4);
    settle();
    assertEquals("checksum true, tso4 true, tso6 false", port.offloadsTold);
    boolean[] done = {false};
    at.device.reset(() -> done[0] = true);
    at.await("the reset", () -> done[0]);
    assertEquals("checksum false, tso4 false, tso6 false", port.offloadsTold);
  }

  @Test
  void tsoWithoutTheChecksumIsNone() {
    with(PLAIN | NetDevice.F_GUEST_TSO4 | NetDevice.F_GUEST_TSO6);
    settle();
    assertEquals("checksum false, tso4 false, tso6 false", port.offloadsTold);
  }

  @Test
  void aFrameComesIn() {
    post(1, 2000);
    byte[] frame = frame(1000, 4);
    port.arrive(frame);
    assertArrayEquals(frame, received(2000));
  }

  @Test
  void withoutBuffersThePortIsNotEvenAsked() {
    port.arrive(frame(100, 1));
    settle();
    assertEquals(0, port.receives.get());
    post(1, 2000);
    assertArrayEquals(frame(100, 1), received(2000));
  }

  @Test
  void aLargeFrameTakesSeveralBuffersWhichTheDriverSeesAtOnce() {
    with(PLAIN | OFFLOADS | NetDevice.F_MRG_RXBUF);
    post(20, 1500);
    byte[] frame = frame(20_000, 1, 1, 1400, 34, 16);
    port.arrive(frame);
    assertArrayEquals(frame, received(1500));
    assertEquals(14, at.queue(RX).usedIndex());
  }

  @Test
  void aFrameWaitsForTheBuffersItTakes() {
    post(2, 1000);
    byte[] frame = frame(2500, 5);
    port.arrive(frame);
    settle();
    assertNull(at.queue(RX).takeUsed());
    post(1, 1000);
    assertArrayEquals(frame, received(1000));
  }

  @Test
  void withoutMergingAFrameThatDoesNotFitIsDropped() {
    with(PLAIN);
    post(1, 500);
    port.arrive(frame(501, 1));
    port.arrive(frame(500, 2));
    assertArrayEquals(frame(500, 2), received(500));
    assertEquals(1, net().droppedIncoming());
  }

  @Test
  void aFrameThatDoesNotFitAllBuffersTogetherIsDropped() {
    post(256, 13);
    port.arrive(frame(256 * 13 + 1, 1));
    at.await("it to be dropped", () -> net().droppedIncoming() == 1);
    port.arrive(frame(26, 2));
    assertArrayEquals(frame(26, 2), received(13));
    assertEquals(List.of(), at.interrupts.resetsWanted);
  }

  @Test
  void buffersWithoutRoomComeBackEmpty() {
    at.queue(RX).offer(Part.readable(DATA, 4));
    at.kick();
    port.arrive(frame(100, 1));
    assertEquals(0, at.used(RX).length());
  }

  @Test
  void framesTheGuestCannotTakeAreDropped() {
    post(2, 2000);
    port.arrive(frame(100, 1, 0, 0, 34, 16));
    port.arrive(frame(1000, 1, 1, 500, 34, 16));
    port.arrive(frame(100, 7));
    assertArrayEquals(frame(100, 7), received(2000));
    assertEquals(2, net().droppedIncoming());
  }

  @Test
  void manyUnwantedFramesDoNotStopTheRest() {
    for (int i = 0; i < 1000; i++) {
      port.arrive(frame(100, 1, 0, 0, 34, 16));
    }
    port.arrive(frame(100, 7));
    post(1, 2000);
    assertArrayEquals(frame(100, 7), received(2000));
  }

  @Test
  void oneFramePassesForAnotherInOrder() {
    post(200, 2000);
    for (int i = 0; i < 1000; i++) {
      byte[] frame = frame(26 + i, i);
      port.arrive(frame);
      assertArrayEquals(frame, received(2000));
      post(1, 2000);
    }
  }

  @Test
  void onlyWhatTheFrameFilledIsReported() {
    settle();
    at.writes.clear();
    post(1, 2000);
    port.arrive(frame(100, 1));
    received(2000);
    settle();
    List<DriverFixture.Write> data =
        at.writes.stream().filter(write -> write.gpa() >= 0x200000).toList();
    assertEquals(List.of(new DriverFixture.Write(0x200000, 100)), data);
  }

  @Test
  void withoutOffloadsOfThePortNoneAreOffered() {
    NetDevice bare = new NetDevice("bare", new MemoryPort(false), MAC, 9000, at.failures::add);
    assertEquals(0, bare.features() & OFFLOADS);
    assertEquals(OFFLOADS, net().features() & OFFLOADS);
    assertEquals(9000, bare.readConfig(10, 2));
    bare.close();
  }

  @Test
  void theConfigurationNamesMacLinkAndMtu() {
    assertEquals(0x01005452L, net().readConfig(0, 4));
    assertEquals(0xFE02L, net().readConfig(4, 2));
    assertEquals(1, net().readConfig(6, 2));
    assertEquals(1500, net().readConfig(10, 2));
    settle();
    net().setLink(false);
    at.await("the news", () -> at.interrupts.configChanges.get() == 1);
    assertEquals(0, net().readConfig(6, 2));
    net().writeConfig(0, 4, 0);
    assertEquals(0x01005452L, net().readConfig(0, 4));
  }

  @Test
  void impossibleShapesAreRefused() {
    MemoryPort other = new MemoryPort(false);
    assertThrows(
        IllegalArgumentException.class,
        () -> new NetDevice("bad", other, new byte[5], 1500, at.failures::add));
    assertThrows(
        IllegalArgumentException.class,
        () -> new NetDevice("bad", other, MAC, 67, at.failures::add));
  }

  @Test
  void rebuiltInMidTrafficTheWaitingFrameArrives() {
    post(2, 1000);
    byte[] frame = frame(2500, 5);
    port.arrive(frame);
    net().setLink(false);
    settle();
    assertEquals(0, port.waitingFrames());
    port = new MemoryPort(true);
    at.rebuild(this::device);
    assertEquals(0, at.device.readConfig(6, 2));
    assertNull(at.queue(RX).takeUsed());
    post(1, 1000);
    assertArrayEquals(frame, received(1000));
    post(1, 1000);
    port.arrive(frame(30, 6));
    assertArrayEquals(frame(30, 6), received(1000));
    send(frame(40, 7));
    assertArrayEquals(frame(40, 7), port.sent.get(0));
  }

  @Test
  void resetForgetsBuffersAndFrame() {
    post(2, 1000);
    port.arrive(frame(2500, 5));
    settle();
    boolean[] done = {false};
    at.device.reset(() -> done[0] = true);
    at.await("the reset", () -> done[0]);
    at.activate();
    taken = 0;
    post(1, 1000);
    port.arrive(frame(30, 6));
    assertArrayEquals(frame(30, 6), received(1000));
    assertFalse(at.queue(RX).usedWaits());
  }
}
