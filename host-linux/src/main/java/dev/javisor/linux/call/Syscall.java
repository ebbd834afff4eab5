package dev.javisor.linux.call;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The one downcall. Results follow the kernel's own convention: a negative value is minus an
/// errno. (glibc's `syscall` is variadic in its header only: it is assembly that moves seven
/// registers.)
public final class Syscall {
  public static final int READ = 0;
  public static final int WRITE = 1;
  public static final int CLOSE = 3;
  public static final int POLL = 7;
  public static final int MMAP = 9;
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

  private static final MethodHandle SYSCALL = bind();

  private static final ThreadLocal<MemorySegment> ERRNO =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

  private Syscall() {}

  private static MethodHandle bind() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("syscall"),
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        Linker.Option.captureCallState("errno"));
  }

  /// Where [#invoke] leaves errno; one per thread that calls often.
  public static MemorySegment errnoOfThisThread() {
    return ERRNO.get();
  }

  /// Calls `number` with up to six arguments. Addresses handed in must stay alive until it returns.
  public static long invoke(long number, long a, long b, long c, long d, long e, long f) {
    return invoke(ERRNO.get(), number, a, b, c, d, e, f);
  }

  /// As above for a caller that keeps the errno segment of its thread: saves the look-up.
  public static long invoke(
      MemorySegment errno, long number, long a, long b, long c, long d, long e, long f) {
    try {
      long result = (long) SYSCALL.invokeExact(errno, number, a, b, c, d, e, f);
      return result == -1 ? -(long) NativeStruct.of(errno).bytes().getInt(0) : result;
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
