package dev.javisor.linux.memory;

import dev.javisor.linux.call.Syscall;
import dev.javisor.vmm.memory.MemoryProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Guest RAM as private anonymous memory with huge pages: the fastest there is when nothing else
/// needs to share it. (A memfd gets 4 KiB pages where `shmem_enabled` is `never`, the upstream
/// default.)
public final class AnonymousMemory implements MemoryProvider {
  private static final int MADV_HUGEPAGE = 14;
  private static final long HUGE_PAGE_BYTES = 2L << 20;

  private final Arena arena;

  /// @param arena shared; close it after the last thread that uses the memory has ended
  public AnonymousMemory(Arena arena) {
    this.arena = arena;
  }

  /// 2 MiB-aligned, so that a guest's large pages can be the host's.
  @Override
  public MemorySegment allocate(long bytes) {
    MemorySegment mapped = Mapping.anonymous(bytes + HUGE_PAGE_BYTES, arena);
    long skip = -mapped.address() & (HUGE_PAGE_BYTES - 1);
    MemorySegment aligned = mapped.asSlice(skip, bytes);
    // EINVAL on kernels without huge pages: the memory is good all the same.
    Syscall.invoke(Syscall.MADVISE, aligned.address(), bytes, MADV_HUGEPAGE);
    return aligned;
  }
}
