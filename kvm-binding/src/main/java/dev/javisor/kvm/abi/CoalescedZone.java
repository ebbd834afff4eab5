package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_coalesced_mmio_zone`: 16 bytes (api.rst, KVM_REGISTER_COALESCED_MMIO).
public record CoalescedZone(long addr, int size, boolean pio) {
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("addr"), JAVA_INT.withName("size"), JAVA_INT.withName("pio"))
          .withName("kvm_coalesced_mmio_zone");

  public static final long KVM_REGISTER_COALESCED_MMIO = Ioc.write(0x67, LAYOUT);
  public static final long KVM_UNREGISTER_COALESCED_MMIO = Ioc.write(0x68, LAYOUT);

  public void writeTo(ByteBuffer target) {
    target.putLong(0, addr);
    target.putInt(8, size);
    target.putInt(12, pio ? 1 : 0);
  }
}
