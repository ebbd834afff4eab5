package dev.javisor.devices.virtio.console;

import dev.javisor.devices.virtio.DriverFixture;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.testkit.virtio.MemoryConsole;
import dev.javisor.testkit.virtio.MockDriver;
import dev.javisor.testkit.virtio.MockDriver.Part;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A console of three ports, the first for hvc0, and a driver that fills and reads its queues as
/// drivers/char/virtio_console.c does.
final class ConsoleFixture implements AutoCloseable {
  static final long FEATURES =
      VirtioFeatures.VIRTIO_F_VERSION_1
          | VirtioFeatures.VIRTIO_F_EVENT_IDX
          | ConsoleDevice.F_SIZE
          | ConsoleDevice.F_MULTIPORT;

  static final int CONTROL_RECEIVE = 2;
  static final int CONTROL_TRANSMIT = 3;

  private static final int BUFFER_BYTES = 4096;
  private static final long OUTPUT = 0x400000;

  MemoryConsole[] consoles = {new MemoryConsole(), new MemoryConsole(), new MemoryConsole()};
  final List<String> heard = new CopyOnWriteArrayList<>();
  final DriverFixture driver;
  private final long[] buffers = new long[64 * 8];

  ConsoleFixture() {
    this(FEATURES);
  }

  ConsoleFixture(long features) {
    driver = new DriverFixture(features, this::device).activate();
  }

  ConsoleDevice device(DriverFixture at) {
    return new ConsoleDevice(
        "console",
        List.of(
            new ConsolePort("shell", true, consoles[0]),
            new ConsolePort("stdin", false, consoles[1]),
            new ConsolePort("stdout", false, consoles[2])),
        (port, open) -> heard.add(port + (open ? " opened" : " closed")),
        at.failures::add);
  }

  static int receiveQueue(int port) {
    return port == 0 ? 0 : 2 * port + 2;
  }

  /// A page for entry `head` of `queue`.
  private static long buffer(int queue, int head) {
    return DriverFixture.DATA + 0x40000L * queue + (long) BUFFER_BYTES * head;
  }

  /// Posts `count` pages for the device to fill.
  void post(int queue, int count) {
    MockDriver ring = driver.queue(queue);
    for (int i = 0; i < count; i++) {
      int slot = ring.availIndex() % 64;
      int head = ring.offer(Part.writable(buffer(queue, slot), BUFFER_BYTES));
      buffers[queue * 64 + head] = buffer(queue, slot);
    }
    driver.kick();
  }

  /// Waits for the next buffer the device filled.
  byte[] take(int queue) {
    MockDriver.Used used = driver.used(queue);
    return driver.bytes(buffers[queue * 64 + used.head()], used.length());
  }

  /// Waits for the next control message, as `port event value [rest]`.
  String message() {
    byte[] bytes = take(CONTROL_RECEIVE);
    MemorySegment message = MemorySegment.ofArray(bytes);
    int event = message.get(ValueLayout.JAVA_SHORT_UNALIGNED, 4);
    String text =
        message.get(ValueLayout.JAVA_INT_UNALIGNED, 0)
            + " "
            + event
            + " "
            + message.get(ValueLayout.JAVA_SHORT_UNALIGNED, 6);
    if (event == ControlMessage.PORT_NAME) {
      return text + " " + new String(bytes, 8, bytes.length - 8);
    }
    if (event == ControlMessage.RESIZE) {
      return text
          + " "
          + message.get(ValueLayout.JAVA_SHORT_UNALIGNED, 8)
          + "x"
          + message.get(ValueLayout.JAVA_SHORT_UNALIGNED, 10);
    }
    return text;
  }

  /// Sends a control message and waits until it was taken, as Linux does.
  void control(int port, int event, int value) {
    long gpa = OUTPUT - 64;
    MemorySegment message = driver.memory.writable(gpa, 8);
    message.set(ValueLayout.JAVA_INT_UNALIGNED, 0, port);
    message.set(ValueLayout.JAVA_SHORT_UNALIGNED, 4, (short) event);
    message.set(ValueLayout.JAVA_SHORT_UNALIGNED, 6, (short) value);
    driver.queue(CONTROL_TRANSMIT).offer(Part.readable(gpa, 8));
    driver.kick();
    driver.used(CONTROL_TRANSMIT);
  }

  /// Writes to a port without waiting for the device.
  void write(int port, byte... bytes) {
    int queue = receiveQueue(port) + 1;
    MockDriver ring = driver.queue(queue);
    long gpa = OUTPUT + 0x80000L * port + 8192L * (ring.availIndex() % 64);
    driver.memory.writable(gpa, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    ring.offer(Part.readable(gpa, bytes.length));
    driver.kick();
  }

  /// Everything up to ports that are there, named and open on the host's side.
  void handshake() {
    post(CONTROL_RECEIVE, 32);
    control(-1, ControlMessage.DEVICE_READY, 1);
    for (int port = 0; port < 3; port++) {
      message();
    }
    for (int port = 0; port < 3; port++) {
      control(port, ControlMessage.PORT_READY, 1);
      for (int messages = port == 0 ? 3 : 2; messages > 0; messages--) {
        message();
      }
    }
  }

  void open(int port) {
    control(port, ControlMessage.PORT_OPEN, 1);
  }

  void close(int port) {
    control(port, ControlMessage.PORT_OPEN, 0);
  }

  /// Waits until `port`'s console has taken `length` bytes, and returns them.
  byte[] output(int port, int length) {
    driver.await(length + " bytes of output", () -> consoles[port].output().length >= length);
    return consoles[port].output();
  }

  /// Waits for `length` bytes of input.
  byte[] input(int port, int length) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (all.size() < length) {
      all.writeBytes(take(receiveQueue(port)));
    }
    return all.toByteArray();
  }

  /// Until the worker has looked at everything.
  void settle() {
    if (!driver.device.quiesce(System.nanoTime() + 30_000_000_000L)) {
      throw new AssertionError("not quiet");
    }
    driver.device.resume();
  }

  @Override
  public void close() {
    driver.close();
  }
}
