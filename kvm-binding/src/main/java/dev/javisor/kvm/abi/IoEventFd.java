package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_ioeventfd`: 64 bytes (api.rst, KVM_IOEVENTFD).
public record IoEventFd(long addr, int len, int fd, int flags) {
  public static final int KVM_IOEVENTFD_FLAG_DEASSIGN = 1 << 2;

  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("datamatch"),
              JAVA_LONG.withName("addr"),
              JAVA_INT.withName("len"),
              JAVA_INT.withName("fd"),
              JAVA_INT.withName("flags"),
              MemoryLayout.sequenceLayout(36, JAVA_BYTE).withName("pad"))
          .withName("kvm_ioeventfd");

  public static final long KVM_IOEVENTFD = Ioc.write(0x79, LAYOUT);

  public void writeTo(ByteBuffer target) {
    target.putLong(8, addr);
    target.putInt(16, len);
    target.putInt(20, fd);
    target.putInt(24, flags);
  }
}
