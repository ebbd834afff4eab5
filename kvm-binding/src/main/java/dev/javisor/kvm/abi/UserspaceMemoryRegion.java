package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_userspace_memory_region`: 32 bytes (api.rst, KVM_SET_USER_MEMORY_REGION).
public record UserspaceMemoryRegion(
    int slot, int flags, long guestPhysAddr, long memorySize, long userspaceAddr) {
  public static final int KVM_MEM_LOG_DIRTY_PAGES = 1;
  public static final int KVM_MEM_READONLY = 1 << 1;

  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("slot"),
              JAVA_INT.withName("flags"),
              JAVA_LONG.withName("guest_phys_addr"),
              JAVA_LONG.withName("memory_size"),
              JAVA_LONG.withName("userspace_addr"))
          .withName("kvm_userspace_memory_region");

  public static final long KVM_SET_USER_MEMORY_REGION = Ioc.write(0x46, LAYOUT);

  public void writeTo(ByteBuffer target) {
    target.putInt(0, slot);
    target.putInt(4, flags);
    target.putLong(8, guestPhysAddr);
    target.putLong(16, memorySize);
    target.putLong(24, userspaceAddr);
  }
}
