package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_irqfd`: 32 bytes (api.rst, KVM_IRQFD).
public record IrqFd(int fd, int gsi, int flags) {
  public static final int KVM_IRQFD_FLAG_DEASSIGN = 1;

  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_INT.withName("fd"),
              JAVA_INT.withName("gsi"),
              JAVA_INT.withName("flags"),
              JAVA_INT.withName("resamplefd"),
              MemoryLayout.sequenceLayout(16, JAVA_BYTE).withName("pad"))
          .withName("kvm_irqfd");

  public static final long KVM_IRQFD = Ioc.write(0x76, LAYOUT);

  public void writeTo(ByteBuffer target) {
    target.putInt(0, fd);
    target.putInt(4, gsi);
    target.putInt(8, flags);
  }
}
