package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.util.List;

/// `struct kvm_irq_routing` (8 bytes) and its entries (48 bytes each; api.rst,
/// KVM_SET_GSI_ROUTING).
public final class IrqRouting {
  static final int KVM_IRQ_ROUTING_IRQCHIP = 1;
  static final int KVM_IRQ_ROUTING_MSI = 2;

  public static final StructLayout HEADER_LAYOUT =
      MemoryLayout.structLayout(JAVA_INT.withName("nr"), JAVA_INT.withName("flags"))
          .withName("kvm_irq_routing");

  public static final StructLayout ENTRY_LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("gsi"),
              JAVA_INT.withName("type"),
              JAVA_INT.withName("flags"),
              JAVA_INT.withName("pad"),
              MemoryLayout.sequenceLayout(8, JAVA_INT).withName("u"))
          .withName("kvm_irq_routing_entry");

  public static final long KVM_SET_GSI_ROUTING = Ioc.write(0x6A, HEADER_LAYOUT);

  /// Where one `gsi` goes.
  public sealed interface Entry {
    int gsi();

    /// To a pin of a chip.
    record Pin(int gsi, int chip, int pin) implements Entry {}

    /// To a local APIC as a message.
    record Msi(int gsi, long address, int data) implements Entry {}
  }

  private IrqRouting() {}

  /// The whole argument: header and entries.
  public static MemorySegment allocate(List<Entry> entries, SegmentAllocator allocator) {
    long entryBytes = ENTRY_LAYOUT.byteSize();
    MemorySegment table =
        allocator.allocate(HEADER_LAYOUT.byteSize() + entries.size() * entryBytes, 8);
    table.set(JAVA_INT, 0, entries.size());
    for (int i = 0; i < entries.size(); i++) {
      write(entries.get(i), table.asSlice(HEADER_LAYOUT.byteSize() + i * entryBytes, entryBytes));
    }
    return table;
  }

  private static void write(Entry entry, MemorySegment target) {
    target.set(JAVA_INT, 0, entry.gsi());
    switch (entry) {
      case Entry.Pin(int _, int chip, int pin) -> {
        target.set(JAVA_INT, 4, KVM_IRQ_ROUTING_IRQCHIP);
        target.set(JAVA_INT, 16, chip);
        target.set(JAVA_INT, 20, pin);
      }
      case Entry.Msi(int _, long address, int data) -> {
        target.set(JAVA_INT, 4, KVM_IRQ_ROUTING_MSI);
        target.set(JAVA_INT, 16, (int) address);
        target.set(JAVA_INT, 20, (int) (address >>> 32));
        target.set(JAVA_INT, 24, data);
      }
    }
  }
}
