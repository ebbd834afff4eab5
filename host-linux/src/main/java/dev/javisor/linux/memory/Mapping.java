package dev.javisor.linux.memory;

import dev.javisor.linux.call.Syscall;
import dev.javisor.linux.fd.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Maps memory into an arena, which unmaps it when it closes (man 2 mmap).
public final class Mapping {
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;

  private Mapping() {}

  /// `bytes` of `fd` from its start, shared with the kernel.
  public static MemorySegment shared(Fd fd, long bytes, Arena arena) {
    return map(bytes, MAP_SHARED, fd.number(), fd.toString(), arena);
  }

  /// `bytes` of zeroes, backed when touched, not counted against the host's commit limit.
  public static MemorySegment anonymous(long bytes, Arena arena) {
    return map(bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, "anonymous", arena);
  }

  private static MemorySegment map(long bytes, int flags, int fd, String about, Arena arena) {
    long address =
        Syscall.check(
            Syscall.invoke(Syscall.MMAP, 0, bytes, PROT_READ_WRITE, flags, fd, 0),
            "mmap",
            about + ", " + bytes + " bytes");
    return MemorySegment.ofAddress(address)
        .reinterpret(
            bytes,
            arena,
            gone ->
                Syscall.check(Syscall.invoke(Syscall.MUNMAP, address, bytes, 0), "munmap", about));
  }
}
