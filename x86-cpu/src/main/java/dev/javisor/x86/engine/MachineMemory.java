package dev.javisor.x86.engine;

import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.x86.code.CodeCache;
import dev.javisor.x86.state.Processors;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// The physical address space of a machine: RAM at 0, read-only pages elsewhere, what code was
/// decoded, and which pages of RAM were written. Mapped before the first vCPU is made.
final class MachineMemory {
  private final Processors processors = new Processors();
  private final List<GuestRegion> others = new CopyOnWriteArrayList<>();
  private MemorySegment ram = MemorySegment.NULL;
  private @Nullable CodeCache code;
  private volatile @Nullable AtomicLongArray dirty;

  void map(GuestRegion region) {
    if (region.gpa() == 0 && !region.readOnly()) {
      ram = region.host();
      code = new CodeCache(region.size(), processors);
    } else {
      others.add(region);
    }
  }

  MemorySegment ram() {
    return ram;
  }

  CodeCache code() {
    if (code == null) {
      throw new IllegalStateException("a machine has RAM at 0 before it has vCPUs");
    }
    return code;
  }

  boolean isRam(long gpa) {
    return gpa >= 0 && gpa < ram.byteSize();
  }

  /// The region with `size` bytes at `gpa` that is not the RAM at 0, or null.
  @Nullable GuestRegion other(long gpa, int size) {
    for (GuestRegion region : others) {
      if (gpa >= region.gpa() && gpa + size <= region.end()) {
        return region;
      }
    }
    return null;
  }

  /// @throws IllegalArgumentException if `region` is not the RAM at 0
  void logDirtyPages(GuestRegion region, boolean on) {
    requireRam(region);
    dirty = on ? new AtomicLongArray((int) ((ram.byteSize() >>> 12) + 63 >>> 6)) : null;
  }

  /// Whether the log does not know yet that the page at `gpa` is dirty.
  boolean isClean(long gpa) {
    AtomicLongArray log = dirty;
    int page = (int) (gpa >>> 12);
    return log != null && (log.get(page >>> 6) >>> (page & 63) & 1) == 0;
  }

  void noteDirty(long gpa) {
    AtomicLongArray log = dirty;
    if (log != null) {
      int page = (int) (gpa >>> 12);
      log.getAndAccumulate(page >>> 6, 1L << (page & 63), (old, bit) -> old | bit);
    }
  }

  private void requireRam(GuestRegion region) {
    if (region.gpa() != 0 || region.host().address() != ram.address()) {
      throw new IllegalArgumentException(
          "no RAM of this machine: gpa 0x%x, %d bytes".formatted(region.gpa(), region.size()));
    }
  }

  long[] takeDirtyPages(GuestRegion region) {
    requireRam(region);
    AtomicLongArray log = dirty;
    if (log == null) {
      throw new IllegalStateException("the dirty log is off");
    }
    long[] taken = new long[log.length()];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = log.getAndSet(i, 0);
    }
    return taken;
  }

  /// Devices have written.
  void written(long gpa, long size) {
    if (code != null && isRam(gpa)) {
      code.written(gpa, Math.min(size, ram.byteSize() - gpa));
    }
  }

  /// Those that run code from here.
  Processors processors() {
    return processors;
  }

  /// Each vCPU asks again before it writes to a page: when this returns, what was written without
  /// asking is there.
  void forgetWriteRights() {
    processors.tell(null, _ -> true, cpu -> cpu.slow().flush(cpu, true));
  }
}
