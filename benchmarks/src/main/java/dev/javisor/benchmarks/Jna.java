package dev.javisor.benchmarks;

import com.sun.jna.Native;

/// `syscall` through JNA's direct mapping, its faster way.
final class Jna {
  static {
    Native.register(Jna.class, "c");
  }

  private Jna() {}

  static native long syscall(long number, long a, long b, long c, long d, long e, long f);

  /// As `dev.javisor.linux.call.Syscall`: minus errno when it failed.
  static long invoke(long number, long a, long b, long c) {
    long result = syscall(number, a, b, c, 0, 0, 0);
    return result == -1 ? -(long) Native.getLastError() : result;
  }
}
