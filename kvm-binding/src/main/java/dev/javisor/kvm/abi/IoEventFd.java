package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

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

  public void writeTo(MemorySegment target) {
    target.fill((byte) 0);
    target.set(JAVA_LONG, 8, addr);
    target.set(JAVA_INT, 16, len);
    target.set(JAVA_INT, 20, fd);
    target.set(JAVA_INT, 24, flags);
  }
}
