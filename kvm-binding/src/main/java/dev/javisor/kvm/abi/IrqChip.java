package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_irqchip`: 520 bytes (api.rst, KVM_GET_IRQCHIP). The chip's state is kept as its
/// bytes.
public final class IrqChip {
  public static final int KVM_IRQCHIP_PIC_MASTER = 0;
  public static final int KVM_IRQCHIP_PIC_SLAVE = 1;
  public static final int KVM_IRQCHIP_IOAPIC = 2;

  /// `sizeof(chip)`: the union of PIC (16 bytes) and I/O APIC (216 bytes) state, padded.
  public static final int CHIP_BYTES = 512;

  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("chip_id"),
              JAVA_INT.withName("pad"),
              MemoryLayout.sequenceLayout(CHIP_BYTES, JAVA_BYTE).withName("chip"))
          .withName("kvm_irqchip");

  public static final long KVM_GET_IRQCHIP = Ioc.readWrite(0x62, LAYOUT);
  public static final long KVM_SET_IRQCHIP = Ioc.read(0x63, LAYOUT);

  private IrqChip() {}

  public static void writeId(ByteBuffer target, int chipId) {
    target.putInt(0, chipId);
    target.putInt(4, 0);
  }

  /// The chip's own bytes inside the struct.
  public static ByteBuffer chip(ByteBuffer struct) {
    return struct.slice(8, CHIP_BYTES);
  }
}
