package dev.javisor.cli;

import dev.javisor.vmm.hypervisor.VmExit;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a guest's drivers and first program do to the machine until it is off again, in miniature,
/// as the exits of one vCPU: clock, serial port, PCI (3.0, 3.2.2.3), two virtio devices (virtio
/// 1.3, 3.1), one command that ends with [#EXIT_CODE]. Where things are it knows beforehand.
final class TrainingGuest {
  static final int EXIT_CODE = 7;

  private static final int RTC = 0x70;
  private static final int SERIAL = 0x3F8;
  private static final int SLEEP_CONTROL = 0x600;
  private static final int SLEEP_NOW = 5 << 2 | 1 << 5;
  private static final int CONFIG_ADDRESS = 0xCF8;
  private static final int CONFIG_DATA = 0xCFC;

  private static final int CONSOLE = 1;
  private static final int RNG = 2;
  private static final int MSIX_CAPABILITY = 0x40;
  private static final int NOTIFY = 0x3000;
  private static final int MSIX_TABLE = 0x4000;

  private static final int CONTROL_RECEIVE = 2;
  private static final int CONTROL_TRANSMIT = 3;
  private static final int PORTS = 5;
  private static final int CONTROL_PORT = 1;
  private static final int STDOUT_PORT = 3;

  private static final int QUEUE_SIZE = 64;
  private static final int QUEUES = 0x20_0000;
  private static final int QUEUE_BYTES = 0x2000;
  private static final int AVAIL_RING = 0x400;
  private static final int USED_RING = 0x800;
  private static final int BUFFERS = 0x1000;
  private static final int BUFFER_BYTES = 64;
  private static final long ANSWER_MILLIS = 2000;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment ram;
  private final Queue<Supplier<VmExit>> steps = new ArrayDeque<>();

  /// @param ram the guest's, from 0 on, at least 4 MiB
  TrainingGuest(MemorySegment ram) {
    this.ram = ram;
    clockAndSerialPort();
    bringUp(CONSOLE, 2 * PORTS + 2, 1 << 1);
    bringUp(RNG, 1, 0);
    offer(RNG, 0, 8);
    portsComeUp();
    oneCommand();
    out(SLEEP_CONTROL, 1, SLEEP_NOW);
  }

  /// The next exit, null when it is off.
  @Nullable VmExit next() {
    Supplier<VmExit> step = steps.poll();
    return step == null ? null : step.get();
  }

  private void exit(VmExit exit) {
    steps.add(() -> exit);
  }

  private void out(int port, int size, long value) {
    exit(new VmExit.PortOut(port, size, 1, data(value, size)));
  }

  private void in(int port, int size) {
    exit(new VmExit.PortIn(port, size, 1, data(0, size)));
  }

  /// Off the heap, as KVM's are.
  private static ByteBuffer data(long value, int size) {
    ByteBuffer data = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return data.putLong(0, value).limit(size);
  }

  private void clockAndSerialPort() {
    for (int register = 0; register < 14; register++) {
      out(RTC, 1, register);
      in(RTC + 1, 1);
    }
    for (int register = 1; register < 5; register++) {
      in(SERIAL + register, 1);
      out(SERIAL + register, 1, register == 3 ? 3 : 0);
    }
    "starting\n".chars().forEach(c -> out(SERIAL, 1, c));
  }

  private void readConfig(int slot, int register, int size) {
    out(CONFIG_ADDRESS, 4, 1L << 31 | slot << 11 | register & ~3);
    in(CONFIG_DATA + (register & 3), size);
  }

  private void writeConfig(int slot, int register, int size, long value) {
    out(CONFIG_ADDRESS, 4, 1L << 31 | slot << 11 | register & ~3);
    out(CONFIG_DATA + (register & 3), size, value);
  }

  private static long bar(int slot) {
    return 0xC000_0000L + slot * 0x8000L;
  }

  private void write(int slot, int offset, int size, long value) {
    exit(new VmExit.MmioWrite(bar(slot) + offset, size, value));
  }

  private void read(int slot, int offset, int size) {
    exit(new VmExit.MmioRead(bar(slot) + offset, size));
  }

  private void bringUp(int slot, int queues, int features) {
    enumerate(slot);
    writeConfig(slot, MSIX_CAPABILITY + 2, 2, 0xC000);
    for (int vector = 0; vector <= queues; vector++) {
      write(slot, MSIX_TABLE + 16 * vector, 4, 0xFEE0_0000L);
      write(slot, MSIX_TABLE + 16 * vector + 8, 4, 0x40 + vector);
      write(slot, MSIX_TABLE + 16 * vector + 12, 4, 0);
    }
    writeConfig(slot, MSIX_CAPABILITY + 2, 2, 0x8000);
    negotiate(slot, features);
    for (int queue = 0; queue < queues; queue++) {
      queue(slot, queue);
    }
    write(slot, 0x14, 1, 0xF); // DRIVER_OK
  }

  private void enumerate(int slot) {
    for (int register = 0; register < 0x100; register += 4) {
      readConfig(slot, register, 4);
    }
    readConfig(slot, 0x34, 1);
    readConfig(slot, 0x06, 2);
    writeConfig(slot, 0x10, 4, 0xFFFF_FFFFL);
    writeConfig(slot, 0x10, 4, bar(slot));
    writeConfig(slot, 0x04, 2, 6);
  }

  /// The common configuration's selectors and status (virtio 1.3, 4.1.4.3).
  private void negotiate(int slot, int features) {
    for (int status : new int[] {0, 1, 3}) {
      write(slot, 0x14, 1, status);
      read(slot, 0x14, 1);
    }
    for (int half = 0; half < 2; half++) {
      write(slot, 0x00, 4, half);
      read(slot, 0x04, 4);
      write(slot, 0x08, 4, half);
      write(slot, 0x0C, 4, half == 0 ? features : 1); // VERSION_1
    }
    write(slot, 0x14, 1, 0xB); // FEATURES_OK
    read(slot, 0x14, 1);
    write(slot, 0x10, 2, 0);
    read(slot, 0x2000 + 4, 4);
  }

  private void queue(int slot, int queue) {
    write(slot, 0x16, 2, queue);
    read(slot, 0x18, 2);
    write(slot, 0x18, 2, slot == RNG ? 8 : QUEUE_SIZE);
    write(slot, 0x1A, 2, queue + 1);
    read(slot, 0x1A, 2);
    read(slot, 0x1E, 2);
    int[] parts = {0, AVAIL_RING, USED_RING};
    for (int part = 0; part < parts.length; part++) {
      write(slot, 0x20 + 8 * part, 4, at(slot, queue) + parts[part]);
      write(slot, 0x24 + 8 * part, 4, 0);
    }
    write(slot, 0x1C, 2, 1);
  }

  private static int at(int slot, int queue) {
    return QUEUES + ((slot - 1) * (2 * PORTS + 2) + queue) * QUEUE_BYTES;
  }

  /// Gives the device buffers to write to.
  private void offer(int slot, int queue, int buffers) {
    steps.add(
        () -> {
          for (int i = 0; i < buffers; i++) {
            describe(at(slot, queue), i, BUFFER_BYTES, 2);
          }
          ram.set(U16, at(slot, queue) + AVAIL_RING + 2, (short) buffers);
          return bell(slot, queue);
        });
  }

  private void describe(int queue, int index, int length, int flags) {
    ram.set(U64, queue + 16L * index, queue + BUFFERS + (long) BUFFER_BYTES * index);
    ram.set(U32, queue + 16L * index + 8, length);
    ram.set(U16, queue + 16L * index + 12, (short) flags);
    ram.set(U16, queue + AVAIL_RING + 4 + 2L * index, (short) index);
  }

  private static VmExit bell(int slot, int queue) {
    return new VmExit.MmioWrite(bar(slot) + NOTIFY + 4L * queue, 2, queue);
  }

  /// Has the console read `bytes`.
  private void send(int queue, byte[] bytes) {
    steps.add(
        () -> {
          int at = at(CONSOLE, queue);
          int index = ram.get(U16, at + AVAIL_RING + 2);
          describe(at, index, bytes.length, 0);
          int to = at + BUFFERS + BUFFER_BYTES * index;
          MemorySegment.copy(MemorySegment.ofArray(bytes), 0, ram, to, bytes.length);
          ram.set(U16, at + AVAIL_RING + 2, (short) (index + 1));
          return bell(CONSOLE, queue);
        });
  }

  private void say(int port, String text) {
    send(transmit(port), text.getBytes(StandardCharsets.US_ASCII));
  }

  /// Before the next step the console has used `count` buffers of a queue; it is not waited for
  /// longer than [#ANSWER_MILLIS].
  private void await(int queue, int count) {
    steps.add(
        () -> {
          long deadline = System.currentTimeMillis() + ANSWER_MILLIS;
          int used = at(CONSOLE, queue) + USED_RING + 2;
          while (ram.get(U16, used) < count && System.currentTimeMillis() < deadline) {
            Thread.onSpinWait();
          }
          return bell(CONSOLE, queue);
        });
  }

  private void control(int port, int event) {
    send(CONTROL_TRANSMIT, new byte[] {(byte) port, 0, 0, 0, (byte) event, 0, 1, 0});
  }

  private static int transmit(int port) {
    return port == 0 ? 1 : 2 * port + 3;
  }

  private static int receive(int port) {
    return port == 0 ? 0 : 2 * port + 2;
  }

  /// As virtio 1.3, 5.3.6, has it.
  private void portsComeUp() {
    offer(CONSOLE, CONTROL_RECEIVE, QUEUE_SIZE);
    control(0, 0); // DEVICE_READY
    for (int port = 0; port < PORTS; port++) {
      control(port, 3); // PORT_READY
      control(port, 6); // PORT_OPEN
      offer(CONSOLE, receive(port), 16);
    }
  }

  private void oneCommand() {
    say(CONTROL_PORT, "READY 1\n");
    await(receive(CONTROL_PORT), 1);
    say(CONTROL_PORT, "ACK\n");
    say(STDOUT_PORT, "hello\n");
    await(transmit(STDOUT_PORT), 1);
    say(CONTROL_PORT, "EXIT " + EXIT_CODE + "\n");
    await(transmit(CONTROL_PORT), 3);
  }
}
