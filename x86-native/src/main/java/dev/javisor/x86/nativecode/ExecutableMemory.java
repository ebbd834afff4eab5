package dev.javisor.x86.nativecode;

import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.Syscall;
import dev.javisor.linux.call.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Memory that can be written and executed (man 2 mmap). It goes with its arena, which must outlive
/// every call into it.
public final class ExecutableMemory {
  public static final int PAGE_BYTES = 4096;

  private static final int PROT_READ_WRITE_EXEC = 1 | 2 | 4;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_FIXED_NOREPLACE = 0x100000;

  private ExecutableMemory() {}

  /// `bytes` wherever the kernel likes, whole pages.
  public static MemorySegment map(long bytes, Arena arena) {
    return map(0, bytes, MAP_PRIVATE | MAP_ANONYMOUS, arena);
  }

  /// `bytes` at `address`, where nothing may be yet.
  public static MemorySegment mapAt(long address, long bytes, Arena arena) {
    return map(address, bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, arena);
  }

  private static MemorySegment map(long wanted, long bytes, int flags, Arena arena) {
    String about = bytes + " executable bytes at " + Long.toHexString(wanted);
    long address = Syscall.invoke(Syscall.MMAP, wanted, bytes, PROT_READ_WRITE_EXEC, flags, -1, 0);
    if (address < 0) {
      int errno = (int) -address;
      boolean forbidden = errno == Errno.EACCES || errno == Errno.EPERM;
      String remedy = forbidden ? "this host forbids memory to write and to execute" : "";
      throw new SyscallException("mmap", about, errno, remedy);
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(
            bytes,
            arena,
            gone ->
                Syscall.check(Syscall.invoke(Syscall.MUNMAP, address, bytes, 0), "munmap", about));
  }

  /// What calls the code at `entry`. A plain downcall, so that a long run does not hold up a
  /// safepoint.
  static MethodHandle call(MemorySegment entry, FunctionDescriptor shape) {
    return Linker.nativeLinker().downcallHandle(entry, shape);
  }
}
