package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.vmm.bus.Device;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/// `struct kvm_coalesced_mmio_ring`: one page, the same in each vCPU's mapping of a VM. KVM appends
/// at `last`, we take from `first`, one thread at a time.
public final class CoalescedRing {
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("first"), JAVA_INT.withName("last"))
          .withName("kvm_coalesced_mmio_ring");

  public static final StructLayout ENTRY_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("phys_addr"),
              JAVA_INT.withName("len"),
              JAVA_INT.withName("pio"),
              MemoryLayout.sequenceLayout(8, JAVA_BYTE).withName("data"))
          .withName("kvm_coalesced_mmio");

  private static final int PAGE_BYTES = 4096;
  private static final int ENTRIES_AT = 8;
  private static final int ENTRY_BYTES = 24;

  /// `KVM_COALESCED_MMIO_MAX`.
  public static final int ENTRIES = (PAGE_BYTES - ENTRIES_AT) / ENTRY_BYTES;

  private final ByteBuffer page;

  /// @param page the ring's, in the processor's byte order
  public CoalescedRing(ByteBuffer page) {
    this.page = page;
  }

  /// Whether all that KVM appended was taken. Any thread.
  public boolean isEmpty() {
    long indices = page.getLong(0);
    return (int) indices == (int) (indices >>> 32);
  }

  /// Takes out all that is in it now, in order. Whoever then finds it empty knows that each store
  /// has arrived, not only begun to: an entry is given back to KVM after its device had it. (One
  /// method: before it is compiled, a call takes longer than what is done here.)
  public void drain(Device ports, Device mmio) {
    long indices = page.getLong(0);
    VarHandle.acquireFence(); // KVM writes an entry, then the index behind it
    int last = (int) (indices >>> 32) % ENTRIES;
    int entry = (int) indices % ENTRIES;
    while (entry != last) {
      int at = ENTRIES_AT + entry * ENTRY_BYTES;
      long kind = page.getLong(at + 8);
      int length = (int) kind;
      int unused = 64 - length * 8;
      long value = page.getLong(at + 16) << unused >>> unused;
      Device bus = kind >>> 32 == 0 ? mmio : ports;
      bus.write(page.getLong(at), length, value);
      entry = entry + 1 == ENTRIES ? 0 : entry + 1;
      VarHandle.releaseFence();
      page.putInt(0, entry);
    }
  }
}
