package dev.javisor.vmm.memory;

import java.lang.foreign.MemorySegment;

/// Makes the segment behind a guest's RAM. It is zero, page-aligned, shared between threads and
/// backed only where it is touched; the provider's arena ends its life.
@FunctionalInterface
public interface MemoryProvider {
  MemorySegment allocate(long bytes);
}
