package dev.javisor.devices.virtio.console;

import static dev.javisor.devices.virtio.console.ConsoleFixture.CONTROL_RECEIVE;
import static dev.javisor.devices.virtio.console.ConsoleFixture.CONTROL_TRANSMIT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.devices.virtio.DriverFixture;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.testkit.virtio.MemoryConsole;
import dev.javisor.testkit.virtio.MockDriver.Part;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ConsoleDeviceTest {
  private ConsoleFixture at = new ConsoleFixture();

  @AfterEach
  void end() {
    at.close();
    assertTrue(at.driver.device.join(DriverFixture.HANG_MILLIS));
    assertEquals(List.of(), List.copyOf(at.driver.failures));
    for (MemoryConsole console : at.consoles) {
      assertTrue(console.isClosed());
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void theHandshakeIsWhatLinuxExpects() {
    at.post(CONTROL_RECEIVE, 16);
    at.control(-1, ControlMessage.DEVICE_READY, 1);
    assertEquals("0 1 1", at.message());
    assertEquals("1 1 1", at.message());
    assertEquals("2 1 1", at.message());
    at.control(0, ControlMessage.PORT_READY, 1);
    assertEquals("0 4 1", at.message(), "console");
    assertEquals("0 7 1 shell", at.message());
    assertEquals("0 6 1", at.message(), "open");
    at.control(1, ControlMessage.PORT_READY, 1);
    assertEquals("1 7 1 stdin", at.message());
    assertEquals("1 6 1", at.message());
    assertNull(at.driver.queue(CONTROL_RECEIVE).takeUsed());
  }

  @Test
  void messagesWaitForBuffers() {
    at.control(-1, ControlMessage.DEVICE_READY, 1);
    at.settle();
    at.post(CONTROL_RECEIVE, 1);
    assertEquals("0 1 1", at.message());
    at.post(CONTROL_RECEIVE, 2);
    assertEquals("1 1 1", at.message());
    assertEquals("2 1 1", at.message());
  }

  @Test
  void aDriverThatAsksForEverAndTakesNothingIsOwedEachMessageOnce() {
    for (int i = 0; i < 500; i++) {
      at.control(-1, ControlMessage.DEVICE_READY, 1);
      at.control(1, ControlMessage.PORT_READY, 1);
    }
    at.post(CONTROL_RECEIVE, 32);
    at.settle();
    assertEquals(5, at.driver.queue(CONTROL_RECEIVE).usedIndex());
  }

  @Test
  void outputArrivesInOrder() {
    at.handshake();
    at.write(2, ascii("one "));
    at.write(2, ascii("two "));
    at.write(0, ascii("log"));
    assertArrayEquals(ascii("one two "), at.output(2, 8));
    assertArrayEquals(ascii("log"), at.output(0, 3));
  }

  @Test
  void inputWaitsUntilTheGuestHasOpenedThePort() {
    at.handshake();
    at.post(ConsoleFixture.receiveQueue(1), 4);
    at.consoles[1].type(ascii("early"));
    at.settle();
    assertEquals(0, at.driver.queue(4).usedIndex());
    at.open(1);
    assertArrayEquals(ascii("early"), at.take(4));
  }

  @Test
  void inputWaitsForBuffersAndUsesSeveral() {
    at.handshake();
    at.open(1);
    byte[] typed = new byte[10_000];
    new Random(1).nextBytes(typed);
    at.consoles[1].type(typed);
    at.settle();
    at.post(4, 1);
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    got.writeBytes(at.take(4));
    at.post(4, 5);
    got.writeBytes(at.take(4));
    got.writeBytes(at.take(4));
    assertArrayEquals(typed, got.toByteArray());
  }

  @Test
  void theEndOfInputIsToldAfterTheLastByteWasTaken() {
    at.handshake();
    at.open(1);
    at.consoles[1].type(new byte[5000]);
    at.consoles[1].endInput();
    at.post(4, 1);
    assertEquals(4096, at.take(4).length);
    at.settle();
    assertNull(at.driver.queue(CONTROL_RECEIVE).takeUsed());
    at.post(4, 1);
    assertEquals(904, at.take(4).length);
    assertEquals("1 6 0", at.message());
  }

  @Test
  void anInputThatEndsAtOnceIsToldWithoutBuffers() {
    at.handshake();
    at.consoles[1].endInput();
    at.open(1);
    assertEquals("1 6 0", at.message());
  }

  @Test
  void aFullConsoleHoldsTheChainWithoutSpinning() {
    at.handshake();
    at.consoles[2].setRoom(3);
    at.write(2, ascii("abcdef"));
    at.write(2, ascii("gh"));
    at.output(2, 3);
    at.settle();
    assertNull(at.driver.queue(7).takeUsed());
    int asked = at.consoles[2].writes();
    for (int i = 0; i < 50; i++) {
      DriverFixture.pause();
    }
    // the look that settle() ends with may be one more; a spin would be thousands
    assertTrue(at.consoles[2].writes() - asked <= 2, "it spins");
    at.consoles[2].setRoom(100);
    assertArrayEquals(ascii("abcdefgh"), at.output(2, 8));
    at.driver.used(7);
    at.driver.used(7);
  }

  @Test
  void oneFullConsoleDoesNotHoldUpAnother() {
    at.handshake();
    at.consoles[2].setRoom(0);
    at.write(2, ascii("stuck"));
    at.write(1, ascii("free"));
    assertArrayEquals(ascii("free"), at.output(1, 4));
  }

  @Test
  void aConsolePortNeverHoldsTheGuest() {
    at.handshake();
    at.consoles[0].setRoom(2);
    at.write(0, ascii("abcdef"));
    at.write(0, ascii("gh"));
    at.driver.used(1);
    at.driver.used(1);
    assertArrayEquals(ascii("ab"), at.consoles[0].output());
    at.consoles[0].setRoom(3);
    assertArrayEquals(ascii("abcde"), at.output(0, 5));
    at.consoles[0].setRoom(100);
    assertArrayEquals(ascii("abcdefgh"), at.output(0, 8));
  }

  @Test
  void aConsolePortKeepsTheLatestAndSaysHowMuchItDropped() {
    at.handshake();
    at.consoles[0].setRoom(0);
    for (int i = 0; i < 300; i++) {
      byte[] page = new byte[4096];
      java.util.Arrays.fill(page, (byte) ('a' + i % 26));
      at.write(0, page);
      at.driver.used(1);
    }
    at.consoles[0].setRoom(Long.MAX_VALUE);
    byte[] output = at.output(0, Backlog.BYTES_MAX);
    int dropped = 300 * 4096 - Backlog.BYTES_MAX;
    String head = new String(output, 0, 60, StandardCharsets.US_ASCII);
    assertTrue(head.startsWith("\r\n[" + dropped + " bytes of output dropped]\r\n"), head);
    assertEquals('a' + 299 % 26, output[output.length - 1]);
  }

  @Test
  void whenOurReaderGoesTheGuestIsToldAndItsOutputDiscarded() {
    at.handshake();
    at.open(2);
    at.consoles[2].closeOutput();
    at.write(2, ascii("into the void"));
    assertEquals("2 6 0", at.message());
    at.driver.used(7);
    at.write(2, ascii("more"));
    at.driver.used(7);
    at.settle();
    assertNull(at.driver.queue(CONTROL_RECEIVE).takeUsed(), "said once");
  }

  @Test
  void whenOurReaderGoesAHeldChainComesBack() {
    at.handshake();
    at.open(2);
    at.consoles[2].setRoom(0);
    at.write(2, ascii("held"));
    at.settle();
    at.consoles[2].closeOutput();
    at.driver.used(7);
    assertEquals("2 6 0", at.message());
  }

  @Test
  void theGuestsOpeningAndClosingIsHeard() {
    at.handshake();
    at.open(2);
    at.open(2);
    at.close(2);
    at.close(2);
    at.open(2);
    at.settle();
    assertEquals(List.of("2 opened", "2 closed", "2 opened"), at.heard);
  }

  @Test
  void closingIsHeardWhenEverythingWrittenBeforeWasTaken() {
    at.handshake();
    at.open(2);
    at.consoles[2].setRoom(1);
    at.write(2, ascii("last"));
    at.close(2);
    at.settle();
    assertEquals(List.of("2 opened"), at.heard);
    at.consoles[2].setRoom(100);
    at.driver.await("the closing", () -> at.heard.contains("2 closed"));
    assertArrayEquals(ascii("last"), at.consoles[2].output());
  }

  @Test
  void openedAgainBeforeThatItWasNeverClosed() {
    at.handshake();
    at.open(2);
    at.consoles[2].setRoom(1);
    at.write(2, ascii("last"));
    at.close(2);
    at.open(2);
    at.consoles[2].setRoom(100);
    at.output(2, 4);
    at.settle();
    assertEquals(List.of("2 opened"), at.heard);
  }

  @Test
  void aClosedPortGetsNoInputUntilItIsOpenedAgain() {
    at.handshake();
    at.post(4, 4);
    at.open(1);
    at.close(1);
    at.consoles[1].type(ascii("later"));
    at.settle();
    assertNull(at.driver.queue(4).takeUsed());
    at.open(1);
    assertArrayEquals(ascii("later"), at.take(4));
  }

  @Test
  void theSizeGoesIntoTheConfigurationAndAMessage() {
    ((ConsoleDevice) at.driver.device).resize(132, 43);
    assertEquals(132, at.driver.device.readConfig(0, 2));
    assertEquals(43, at.driver.device.readConfig(2, 2));
    assertEquals(3, at.driver.device.readConfig(4, 4), "max_nr_ports");
    at.post(CONTROL_RECEIVE, 16);
    at.control(0, ControlMessage.PORT_READY, 1);
    assertEquals("0 4 1", at.message());
    assertEquals("0 7 1 shell", at.message());
    assertEquals("0 5 0 132x43", at.message());
    assertEquals("0 6 1", at.message());
    ((ConsoleDevice) at.driver.device).resize(80, 25);
    assertEquals("0 5 0 80x25", at.message());
    assertEquals(2, at.driver.interrupts.configChanges.get());
  }

  @Test
  void nonsenseOnTheControlQueueIsIgnored() {
    at.handshake();
    at.control(3, ControlMessage.PORT_OPEN, 1);
    at.control(Integer.MIN_VALUE, ControlMessage.PORT_READY, 1);
    at.control(1, 4711, 1);
    at.control(1, ControlMessage.PORT_NAME, 1);
    at.control(-1, ControlMessage.DEVICE_READY, 0);
    at.driver.queue(CONTROL_TRANSMIT).offer(Part.readable(DriverFixture.DATA, 7));
    at.driver.kick();
    at.driver.used(CONTROL_TRANSMIT);
    at.settle();
    assertEquals(List.of(), at.heard);
    assertEquals(List.of(), at.driver.interrupts.resetsWanted);
    assertNull(at.driver.queue(CONTROL_RECEIVE).takeUsed());
  }

  @Test
  void aMessageIsCutToABufferThatIsTooSmall() {
    at.control(-1, ControlMessage.DEVICE_READY, 1);
    at.driver.queue(CONTROL_RECEIVE).offer(Part.writable(DriverFixture.DATA, 3));
    at.driver.kick();
    assertEquals(3, at.driver.used(CONTROL_RECEIVE).length());
  }

  @Test
  void outputMayLieInPartsTheDeviceMustNotWrite() {
    at.handshake();
    at.driver.fill(DriverFixture.DATA, 'x', 'y');
    at.driver
        .queue(7)
        .offer(
            Part.readable(DriverFixture.DATA, 1),
            Part.readable(DriverFixture.DATA + 1, 1),
            Part.writable(DriverFixture.DATA + 16, 8));
    at.driver.kick();
    assertEquals(0, at.driver.used(7).length());
    assertArrayEquals(ascii("xy"), at.output(2, 2));
  }

  @Test
  void withoutMultiportTheFirstPortIsSimplyThere() {
    at.close();
    at = new ConsoleFixture(VirtioFeatures.VIRTIO_F_VERSION_1 | ConsoleDevice.F_SIZE);
    at.post(0, 2);
    at.consoles[0].type(ascii("in"));
    assertArrayEquals(ascii("in"), at.take(0));
    at.write(0, ascii("out"));
    assertArrayEquals(ascii("out"), at.output(0, 3));
  }

  @Test
  void resetForgetsTheDriverButNoInput() {
    at.handshake();
    at.open(1);
    at.consoles[1].type(ascii("kept"));
    at.settle();
    boolean[] done = {false};
    at.driver.device.reset(() -> done[0] = true);
    at.driver.await("the reset", () -> done[0]);
    assertEquals(List.of("1 opened", "1 closed"), at.heard);
    at.driver.activate();
    at.handshake();
    at.open(1);
    at.post(4, 1);
    assertArrayEquals(ascii("kept"), at.take(4));
  }

  @Test
  void megabytesGoBothWaysUnchanged() {
    at.handshake();
    at.open(1);
    at.open(2);
    byte[] typed = new byte[2 << 20];
    new Random(5).nextBytes(typed);
    Thread typing =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < typed.length; i += 5000) {
                    int end = Math.min(typed.length, i + 5000);
                    at.consoles[1].type(java.util.Arrays.copyOfRange(typed, i, end));
                  }
                  at.consoles[1].endInput();
                });
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    Random random = new Random(6);
    at.post(4, 8);
    int written = 0;
    while (got.size() < typed.length) {
      byte[] some = at.take(4);
      at.post(4, 1);
      got.writeBytes(some);
      while (at.driver.queue(7).takeUsed() != null) {
        // its descriptors are free again
      }
      at.driver.await("room in the queue", () -> freed(7));
      at.write(2, some);
      written += some.length;
      at.consoles[2].setRoom(random.nextInt(20_000));
    }
    at.consoles[2].setRoom(Long.MAX_VALUE);
    assertArrayEquals(typed, got.toByteArray());
    assertArrayEquals(typed, at.output(2, written));
    assertEquals("1 6 0", at.message());
    typing.interrupt();
  }

  private boolean freed(int queue) {
    while (at.driver.queue(queue).takeUsed() != null) {
      // free
    }
    if (at.driver.queue(queue).freeDescriptors() < 2) {
      at.consoles[2].setRoom(100_000);
      return false;
    }
    return true;
  }

  @Test
  void rebuiltInMidTrafficNoByteIsLostOrTwice() {
    at.handshake();
    at.open(1);
    at.open(2);
    at.post(4, 1);
    at.consoles[1].type(new byte[4096]);
    at.consoles[1].type(ascii("unread"));
    at.take(4);
    at.consoles[2].setRoom(3);
    at.write(2, ascii("abcdef"));
    at.write(2, ascii("gh"));
    at.output(2, 3);
    at.consoles[0].setRoom(0);
    at.write(0, ascii("backlog"));
    at.driver.used(1);
    at.settle();
    MemoryConsole[] old = at.consoles;
    at.consoles =
        new MemoryConsole[] {new MemoryConsole(), new MemoryConsole(), new MemoryConsole()};
    old[1].type(ascii(" and unasked"));
    at.driver.rebuild(at::device);
    assertEquals(0, old[1].unread());
    assertArrayEquals(ascii("defgh"), at.output(2, 5));
    assertArrayEquals(ascii("backlog"), at.output(0, 7));
    at.driver.used(7);
    at.driver.used(7);
    at.post(4, 1);
    assertArrayEquals(ascii("unread and unasked"), at.take(4));
    at.write(2, ascii("!"));
    assertArrayEquals(ascii("defgh!"), at.output(2, 6));
    at.consoles[1].endInput();
    assertEquals("1 6 0", at.message());
    for (MemoryConsole console : old) {
      console.close();
    }
  }

  @Test
  void rebuiltItStillOwesWhatItOwed() {
    at.control(-1, ControlMessage.DEVICE_READY, 1);
    at.driver.rebuild(at::device);
    at.post(CONTROL_RECEIVE, 4);
    assertEquals("0 1 1", at.message());
    assertEquals("1 1 1", at.message());
    assertEquals("2 1 1", at.message());
  }

  @Test
  void aStateOfOtherPortsIsRefused() {
    StateWriter out = new StateWriter();
    ConsoleDevice one =
        new ConsoleDevice(
            "one",
            List.of(new ConsolePort("only", true, new MemoryConsole())),
            (_, _) -> {},
            at.driver.failures::add);
    one.save(out);
    one.close();
    ConsoleDevice three = at.device(at.driver);
    assertThrows(StateException.class, () -> three.load(new StateReader(out.toByteArray())));
    three.close();
  }

  @Test
  void queuesLieWhereTheSpecificationPutsThem() {
    int[] sizes = at.driver.device.queueSizes();
    assertEquals(8, sizes.length);
    assertFalse((at.driver.device.features() & ConsoleDevice.F_MULTIPORT) == 0);
    assertThrows(
        IllegalArgumentException.class,
        () -> new ConsoleDevice("none", List.of(), (_, _) -> {}, at.driver.failures::add));
  }
}
