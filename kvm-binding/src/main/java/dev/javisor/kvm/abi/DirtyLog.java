package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_dirty_log`: 16 bytes (api.rst, KVM_GET_DIRTY_LOG).
public record DirtyLog(int slot, long bitmapAddress) {
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("slot"),
              JAVA_INT.withName("padding1"),
              JAVA_LONG.withName("dirty_bitmap"))
          .withName("kvm_dirty_log");

  public static final long KVM_GET_DIRTY_LOG = Ioc.write(0x42, LAYOUT);

  public void writeTo(ByteBuffer target) {
    target.putInt(0, slot);
    target.putInt(4, 0);
    target.putLong(8, bitmapAddress);
  }
}
