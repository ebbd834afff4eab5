package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.javisor.linux.call.NativeStruct;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_irq_routing` (8 bytes) and its entries (48 bytes each; api.rst,
/// KVM_SET_GSI_ROUTING): where each `gsi` goes. The ioctl wants the whole table for each change, so
/// it is kept as it is handed over. Not thread-safe.
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

  private static final int HEADER_BYTES = 8;
  private static final int ENTRY_BYTES = 48;
  private static final int ENTRY_INTS = ENTRY_BYTES / Integer.BYTES;
  private static final int GSI = 0;
  private static final int TYPE = 4;
  private static final int UNION = 16;
  private static final int ROWS_AT_FIRST = 64;

  private NativeStruct table = allocate(ROWS_AT_FIRST);
  private ByteBuffer bytes = table.bytes();
  private final int pins;
  private int rows;

  /// Three numbers for each way: this `gsi` goes to that chip's that pin, too.
  public IrqRouting(int[] pins) {
    int[] words = new int[pins.length / 3 * ENTRY_INTS];
    for (int from = 0, at = 0; from < pins.length; from += 3, at += ENTRY_INTS) {
      words[at + GSI / Integer.BYTES] = pins[from];
      words[at + TYPE / Integer.BYTES] = KVM_IRQ_ROUTING_IRQCHIP;
      words[at + UNION / Integer.BYTES] = pins[from + 1];
      words[at + UNION / Integer.BYTES + 1] = pins[from + 2];
    }
    table.putInts(HEADER_BYTES, words);
    this.pins = pins.length / 3;
    rows = this.pins;
    bytes.putInt(0, rows);
  }

  private static NativeStruct allocate(int rows) {
    return NativeStruct.allocate(HEADER_BYTES + (long) rows * ENTRY_BYTES, Arena.ofAuto());
  }

  private static int at(int row) {
    return HEADER_BYTES + row * ENTRY_BYTES;
  }

  private int addMessage(int gsi) {
    int at = at(rows);
    if (at + ENTRY_BYTES > bytes.capacity()) {
      table = allocate(2 * rows);
      table.bytes().put(0, bytes, 0, at);
      bytes = table.bytes();
    }
    bytes.putInt(at + GSI, gsi).putInt(at + TYPE, KVM_IRQ_ROUTING_MSI);
    bytes.putInt(0, ++rows);
    return at;
  }

  /// Sends `gsi` to a local APIC, as a message and nothing else.
  public void message(int gsi, long address, int data) {
    int row = row(gsi);
    int at = row < rows ? at(row) : addMessage(gsi);
    bytes.putLong(at + UNION, address).putInt(at + UNION + 8, data);
  }

  /// A message's row, or the one behind the last.
  private int row(int gsi) {
    int row = pins;
    while (row < rows && bytes.getInt(at(row) + GSI) != gsi) {
      row++;
    }
    return row;
  }

  /// Forgets a message; whether it was there.
  public boolean remove(int gsi) {
    int row = row(gsi);
    if (row == rows) {
      return false;
    }
    bytes.putInt(0, --rows);
    bytes.put(at(row), bytes, at(rows), ENTRY_BYTES);
    return true;
  }

  /// All of it; changes with the next change.
  public NativeStruct argument() {
    return table;
  }
}
