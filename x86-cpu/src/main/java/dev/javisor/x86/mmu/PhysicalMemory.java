package dev.javisor.x86.mmu;

import dev.javisor.x86.state.Cpu;
import java.lang.foreign.MemorySegment;

/// Physical addresses as processors see them: where RAM is, and what answers elsewhere. Any vCPU
/// thread.
public interface PhysicalMemory {

  /// All RAM; the address is the offset.
  MemorySegment ram();

  /// Whether the page at `gpa` is RAM; its offset in the RAM segment is the address.
  boolean isRam(long gpa);

  /// Reads where no RAM is: 1, 2, 4 or 8 bytes, zero-extended.
  long read(long gpa, int size);

  void write(long gpa, int size, long value);

  /// Copies `size` bytes at `gpa`, where no RAM is but something code can be run from, and returns
  /// `size`; 0 where there is nothing of the kind.
  int fetch(long gpa, byte[] into, int size);

  /// Whether code has been decoded from the page of RAM at `gpa`: then stores go through
  /// [#written].
  boolean hasCode(long gpa);

  /// That a processor has stored to a page that [#hasCode].
  void written(long gpa, int size);

  /// Whether `cpu` may keep the right to write to the page of RAM at `gpa` in its TLB, which it is
  /// about to fill.
  default boolean grantsWrite(Cpu cpu, long gpa) {
    return !hasCode(gpa) && !isClean(gpa);
  }

  /// Whether a log of written pages is kept that does not have the page of RAM at `gpa` yet: then
  /// the next store is to be noted.
  boolean isClean(long gpa);

  /// That a processor may write to the page of RAM at `gpa` from now on.
  void noteDirty(long gpa);
}
