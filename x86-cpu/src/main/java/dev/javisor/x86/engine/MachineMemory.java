package dev.javisor.x86.engine;

import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.x86.code.CodeCache;
import dev.javisor.x86.state.Processors;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The physical address space of a machine: RAM in one segment where the address is the offset,
/// read-only pages elsewhere, what code was decoded, and which pages of RAM were written. Mapped
/// before the first vCPU is made.
final class MachineMemory {
  private final Processors processors = new Processors();
  private final List<GuestRegion> others = new CopyOnWriteArrayList<>();
  private MemorySegment ram = MemorySegment.NULL;
  private RamRun[] runs = {};
  private @Nullable CodeCache code;

  /// @param flat all of RAM, which begins at 0, and the holes in it
  /// @param regions where in it RAM is
  void mapRam(MemorySegment flat, List<GuestRegion> regions) {
    ram = flat;
    runs = regions.stream().map(RamRun::new).toArray(RamRun[]::new);
    code = new CodeCache(flat.byteSize(), processors);
  }

  /// What is not RAM.
  void mapOther(GuestRegion region) {
    others.add(region);
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

  private @Nullable RamRun run(long gpa) {
    for (RamRun run : runs) {
      if (run.has(gpa)) {
        return run;
      }
    }
    return null;
  }

  boolean isRam(long gpa) {
    return run(gpa) != null;
  }

  /// The region with `size` bytes at `gpa` that is not RAM, or null.
  @Nullable GuestRegion other(long gpa, int size) {
    for (GuestRegion region : others) {
      if (gpa >= region.gpa() && gpa + size <= region.end()) {
        return region;
      }
    }
    return null;
  }

  /// The RAM that `region` is.
  ///
  /// @throws IllegalArgumentException if it is none of this machine
  RamRun run(GuestRegion region) {
    RamRun run = run(region.gpa());
    if (run == null || !run.is(region)) {
      throw new IllegalArgumentException(
          "no RAM of this machine: gpa 0x%x, %d bytes".formatted(region.gpa(), region.size()));
    }
    return run;
  }

  /// Whether a log does not know yet that the page at `gpa` is dirty.
  boolean isClean(long gpa) {
    RamRun run = run(gpa);
    return run != null && run.isClean(gpa);
  }

  void noteDirty(long gpa) {
    RamRun run = run(gpa);
    if (run != null) {
      run.noteDirty(gpa);
    }
  }

  /// Devices have written.
  void written(long gpa, long size) {
    RamRun run = run(gpa);
    if (run != null) {
      code().written(gpa, Math.min(size, run.end() - gpa));
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
