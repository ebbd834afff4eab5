package dev.javisor.kvm.abi;

import java.lang.foreign.MemoryLayout;

/// Request numbers as the kernel builds them (linux 6.12, include/uapi/asm-generic/ioctl.h).
public final class Ioc {
  private static final long KVMIO = 0xAE;
  private static final long WRITE = 1L << 30;
  private static final long READ = 2L << 30;

  private Ioc() {}

  /// `_IO(KVMIO, nr)`.
  public static long none(int nr) {
    return KVMIO << 8 | nr;
  }

  /// `_IOW(KVMIO, nr, argument)`: the kernel reads the argument.
  public static long write(int nr, MemoryLayout argument) {
    return WRITE | argument.byteSize() << 16 | none(nr);
  }

  /// `_IOR(KVMIO, nr, argument)`: the kernel writes the argument.
  public static long read(int nr, MemoryLayout argument) {
    return READ | argument.byteSize() << 16 | none(nr);
  }

  /// `_IOWR(KVMIO, nr, argument)`.
  public static long readWrite(int nr, MemoryLayout argument) {
    return READ | WRITE | argument.byteSize() << 16 | none(nr);
  }
}
