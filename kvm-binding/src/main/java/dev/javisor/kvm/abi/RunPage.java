package dev.javisor.kvm.abi;

import dev.javisor.linux.call.NativeStruct;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Map;

/// `struct kvm_run` (api.rst, 5): the page KVM shares with whoever runs a vCPU. The data plane:
/// fields are read straight from it.
public final class RunPage {
  public static final int KVM_EXIT_IO = 2;
  public static final int KVM_EXIT_HLT = 5;
  public static final int KVM_EXIT_MMIO = 6;
  public static final int KVM_EXIT_SHUTDOWN = 8;
  public static final int KVM_EXIT_FAIL_ENTRY = 9;
  public static final int KVM_EXIT_INTR = 10;
  public static final int KVM_EXIT_INTERNAL_ERROR = 17;
  public static final int KVM_EXIT_SYSTEM_EVENT = 24;

  static final int IMMEDIATE_EXIT = 1;
  static final int EXIT_REASON = 8;
  static final int UNION = 32;

  /// The fields this project reads, for the comparison with the compiler's offsets.
  static final Map<String, Integer> OFFSETS =
      Map.ofEntries(
          Map.entry("immediate_exit", IMMEDIATE_EXIT),
          Map.entry("exit_reason", EXIT_REASON),
          Map.entry("io.direction", UNION),
          Map.entry("io.size", UNION + 1),
          Map.entry("io.port", UNION + 2),
          Map.entry("io.count", UNION + 4),
          Map.entry("io.data_offset", UNION + 8),
          Map.entry("mmio.phys_addr", UNION),
          Map.entry("mmio.data", UNION + 8),
          Map.entry("mmio.len", UNION + 16),
          Map.entry("mmio.is_write", UNION + 20),
          Map.entry("fail_entry.hardware_entry_failure_reason", UNION),
          Map.entry("internal.suberror", UNION));

  /// Behind the first page the bytes of port I/O come (`KVM_PIO_PAGE_OFFSET`): where, stands in the
  // page. One is of so many bytes at most.
  private static final int ITEM_BYTES_MOST = 4;

  private final ByteBuffer page;
  private final ByteBuffer[] items = new ByteBuffer[ITEM_BYTES_MOST + 1];
  private int itemsAt = -1;

  /// @param mapping of the vCPU's fd, `KVM_GET_VCPU_MMAP_SIZE` bytes
  public RunPage(MemorySegment mapping) {
    this.page = NativeStruct.of(mapping).bytes();
  }

  public void immediateExit(boolean on) {
    page.put(IMMEDIATE_EXIT, (byte) (on ? 1 : 0));
  }

  /// (Read as a long, as all else: one way of reading is compiled sooner than two.)
  public int exitReason() {
    return (int) page.getLong(EXIT_REASON);
  }

  /// Direction, size, port and count of port I/O, for the next four.
  public long io() {
    return page.getLong(UNION);
  }

  public static boolean ioOut(long io) {
    return (byte) io != 0;
  }

  /// 1, 2 or 4 bytes.
  public static int ioSize(long io) {
    return (int) (io >>> 8) & 0xFF;
  }

  public static int ioPort(long io) {
    return (int) (io >>> 16) & 0xFFFF;
  }

  public static int ioCount(long io) {
    return (int) (io >>> 32);
  }

  /// The bytes that go out or are to come in.
  public ByteBuffer ioData(long io) {
    int size = ioSize(io);
    int at = Math.toIntExact(page.getLong(UNION + 8));
    return ioCount(io) == 1 && size <= ITEM_BYTES_MOST
        ? item(at, size)
        : slice(at, size * ioCount(io));
  }

  /// The item that is to come in: where [#ioData] was last. All four bytes are stored, whatever its
  /// size, since one way of storing is compiled sooner than three; the kernel takes those it wants.
  public void ioAnswer(int value) {
    page.putInt(itemsAt, value);
  }

  /// One of `size` bytes; there is no more than one place for them.
  private ByteBuffer item(int at, int size) {
    if (at != itemsAt) {
      for (int bytes = 1; bytes <= ITEM_BYTES_MOST; bytes++) {
        items[bytes] = slice(at, bytes);
      }
      itemsAt = at;
    }
    return items[size];
  }

  private ByteBuffer slice(int at, int bytes) {
    return page.slice(at, bytes).order(page.order());
  }

  public long mmioAddress() {
    return page.getLong(UNION);
  }

  /// Length and direction of MMIO, for the next two.
  public long mmio() {
    return page.getLong(UNION + 16);
  }

  /// 1 to 8 bytes.
  public static int mmioLength(long mmio) {
    return (int) mmio;
  }

  public static boolean mmioWrite(long mmio) {
    return (byte) (mmio >>> 32) != 0;
  }

  /// What was stored, little-endian, zero-extended: the kernel clears what the guest did not store.
  ///
  /// @param length in bytes
  public long mmioValue(int length) {
    int unused = 64 - length * 8;
    return page.getLong(UNION + 8) << unused >>> unused;
  }

  /// What is to be loaded. (In halves: see [#ioAnswer].)
  public void mmioAnswer(long value) {
    page.putInt(UNION + 8, (int) value);
    page.putInt(UNION + 12, (int) (value >>> 32));
  }

  public long failureReason() {
    return page.getLong(UNION);
  }

  public int subError() {
    return page.getInt(UNION);
  }
}
