package dev.javisor.linux.call;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The one downcall. Results follow the kernel's own convention: a negative value is minus an
/// errno.
public final class Syscall {
  public static final int READ = 0;
  public static final int WRITE = 1;
  public static final int CLOSE = 3;
  public static final int POLL = 7;
  public static final int MMAP = 9;
  public static final int MPROTECT = 10;
  public static final int MUNMAP = 11;
  public static final int RT_SIGPROCMASK = 14;
  public static final int IOCTL = 16;
  public static final int PREAD64 = 17;
  public static final int PWRITE64 = 18;
  public static final int MADVISE = 28;
  public static final int GETPID = 39;
  public static final int EXECVE = 59;
  public static final int FCNTL = 72;
  public static final int FDATASYNC = 75;
  public static final int RT_SIGTIMEDWAIT = 128;
  public static final int GETTID = 186;
  public static final int TGKILL = 234;
  public static final int OPENAT = 257;
  public static final int FALLOCATE = 285;
  public static final int EVENTFD2 = 290;

  private static final MethodHandle DOWNCALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                  JAVA_LONG));

  private static final MemorySegment CODE =
      new SystemCallCode(DOWNCALL, Linker.nativeLinker().defaultLookup().findOrThrow("syscall"))
          .place();

  private Syscall() {}

  /// Calls `number` with up to six arguments. Addresses handed in must stay alive until it returns.
  public static long invoke(long number, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) DOWNCALL.invokeExact(CODE, number, a, b, c, d, e, f);
    } catch (Throwable t) {
      throw new AssertionError("a downcall throws nothing", t);
    }
  }

  public static long invoke(long number, long a, long b, long c) {
    return invoke(number, a, b, c, 0, 0, 0);
  }

  /// The result, if it is no error.
  ///
  /// @throws SyscallException otherwise
  public static long check(long result, String call, String about) {
    if (result < 0) {
      throw new SyscallException(call, about, (int) -result);
    }
    return result;
  }
}
