package dev.javisor.vmm.backend;

import java.lang.foreign.MemorySegment;

/// Where a guest's randomness comes from. Does not block for long.
@FunctionalInterface
public interface EntropySource {
  void fill(MemorySegment target);
}
