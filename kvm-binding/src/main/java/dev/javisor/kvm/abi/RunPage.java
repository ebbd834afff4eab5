package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
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

  private final MemorySegment page;

  /// @param page mapped from the vCPU's fd, `KVM_GET_VCPU_MMAP_SIZE` bytes
  public RunPage(MemorySegment page) {
    this.page = page;
  }

  public void immediateExit(boolean on) {
    page.set(JAVA_BYTE, IMMEDIATE_EXIT, (byte) (on ? 1 : 0));
  }

  public int exitReason() {
    return page.get(JAVA_INT, EXIT_REASON);
  }

  public boolean ioOut() {
    return page.get(JAVA_BYTE, UNION) != 0;
  }

  /// 1, 2 or 4 bytes.
  public int ioSize() {
    return page.get(JAVA_BYTE, UNION + 1);
  }

  public int ioPort() {
    return page.get(JAVA_SHORT, UNION + 2) & 0xFFFF;
  }

  public int ioCount() {
    return page.get(JAVA_INT, UNION + 4);
  }

  /// The bytes that go out or are to come in.
  public MemorySegment ioData() {
    return page.asSlice(page.get(JAVA_LONG, UNION + 8), (long) ioSize() * ioCount());
  }

  public long mmioAddress() {
    return page.get(JAVA_LONG, UNION);
  }

  /// Little-endian, zero-extended: the kernel clears what the guest did not store.
  public long mmioValue() {
    int unused = 64 - mmioLength() * 8;
    return page.get(JAVA_LONG, UNION + 8) << unused >>> unused;
  }

  public void mmioValue(long value) {
    page.set(JAVA_LONG, UNION + 8, value);
  }

  /// 1 to 8 bytes.
  public int mmioLength() {
    return page.get(JAVA_INT, UNION + 16);
  }

  public boolean mmioWrite() {
    return page.get(JAVA_BYTE, UNION + 20) != 0;
  }

  public long failureReason() {
    return page.get(JAVA_LONG, UNION);
  }

  public int subError() {
    return page.get(JAVA_INT, UNION);
  }
}
