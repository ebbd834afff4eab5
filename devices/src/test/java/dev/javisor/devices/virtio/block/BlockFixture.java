package dev.javisor.devices.virtio.block;

import dev.javisor.devices.virtio.DriverFixture;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.testkit.virtio.MemoryStore;
import dev.javisor.testkit.virtio.MockDriver.Part;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A driver of a disk. Request n has its header, status byte and data on pages of its own.
final class BlockFixture implements AutoCloseable {
  static final int IN = 0;
  static final int OUT = 1;
  static final int FLUSH = 4;
  static final int GET_ID = 8;
  static final int DISCARD = 11;
  static final int WRITE_ZEROES = 13;

  static final long ALL =
      VirtioFeatures.VIRTIO_F_VERSION_1
          | VirtioFeatures.VIRTIO_F_EVENT_IDX
          | BlockDevice.F_FLUSH
          | BlockDevice.F_DISCARD
          | BlockDevice.F_WRITE_ZEROES;

  /// What the status byte holds until the device writes it.
  static final int UNTOUCHED = 0xEE;

  static final int DISK_BYTES = 1 << 20;

  final MemoryStore store;
  final DriverFixture driver;
  private int requests;

  BlockFixture() {
    this(ALL, false);
  }

  BlockFixture(long features, boolean readOnly) {
    store = new MemoryStore(DISK_BYTES, readOnly);
    for (int i = 0; i < DISK_BYTES; i++) {
      store.bytes[i] = (byte) (i / 512 + 1);
    }
    driver = new DriverFixture(features, this::device).activate();
  }

  BlockDevice device(DriverFixture at) {
    return new BlockDevice("blk", store, "serial-0123456789-and-more", at.failures::add);
  }

  /// Where request `n` keeps its data; the header is a page behind, the status two.
  static long data(int n) {
    return DriverFixture.DATA + 0x10000L * n;
  }

  static long header(int n) {
    return data(n) + 0x8000;
  }

  static long status(int n) {
    return data(n) + 0x9000;
  }

  /// Writes a header and the untouched status byte. Returns the request's number.
  int prepare(int type, long sector) {
    int n = requests++ % 64;
    MemorySegment header = driver.memory.writable(header(n), 16);
    header.set(ValueLayout.JAVA_INT_UNALIGNED, 0, type);
    header.set(ValueLayout.JAVA_INT_UNALIGNED, 4, 0);
    header.set(ValueLayout.JAVA_LONG_UNALIGNED, 8, sector);
    driver.fill(status(n), UNTOUCHED);
    return n;
  }

  int read(long sector, int bytes) {
    int n = prepare(IN, sector);
    offer(Part.readable(header(n), 16), Part.writable(data(n), bytes), Part.writable(status(n), 1));
    return n;
  }

  int write(long sector, int bytes) {
    int n = prepare(OUT, sector);
    offer(Part.readable(header(n), 16), Part.readable(data(n), bytes), Part.writable(status(n), 1));
    return n;
  }

  int flush() {
    int n = prepare(FLUSH, 0);
    offer(Part.readable(header(n), 16), Part.writable(status(n), 1));
    return n;
  }

  /// Discard or write-zeroes of `sector, sectors, flags` triples.
  int extents(int type, long... triples) {
    int n = prepare(type, 0);
    int bytes = triples.length / 3 * 16;
    MemorySegment list = driver.memory.writable(data(n), bytes);
    for (int i = 0; i < triples.length; i += 3) {
      list.set(ValueLayout.JAVA_LONG_UNALIGNED, i / 3 * 16, triples[i]);
      list.set(ValueLayout.JAVA_INT_UNALIGNED, i / 3 * 16 + 8, (int) triples[i + 1]);
      list.set(ValueLayout.JAVA_INT_UNALIGNED, i / 3 * 16 + 12, (int) triples[i + 2]);
    }
    offer(Part.readable(header(n), 16), Part.readable(data(n), bytes), Part.writable(status(n), 1));
    return n;
  }

  void offer(Part... parts) {
    driver.queue(0).offer(parts);
    driver.kick();
  }

  int statusOf(int n) {
    return driver.bytes(status(n), 1)[0] & 0xFF;
  }

  /// Waits for the next answer and returns the status of request `n`.
  int answer(int n) {
    driver.used(0);
    return statusOf(n);
  }

  @Override
  public void close() {
    driver.close();
  }
}
