package dev.javisor.images.kernel;

import dev.javisor.vmm.machine.MemoryMapEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the kernel is told besides its own image.
///
/// @param cmdline the command line, without NUL
/// @param initrd the initial RAM disk, or none; whoever opened it closes it after the load
/// @param memoryMap e820 in rising order, at most 128 entries
/// @param rsdpGpa where the ACPI root pointer is, 0 if there is none
public record BootParameters(
    String cmdline, @Nullable BootFile initrd, List<MemoryMapEntry> memoryMap, long rsdpGpa) {

  /// What fits into the zero page (boot.rst: `E820_MAX_ENTRIES_ZEROPAGE`).
  public static final int MEMORY_MAP_ENTRIES_MAX = 128;

  public BootParameters {
    memoryMap = List.copyOf(memoryMap);
    if (memoryMap.isEmpty() || memoryMap.size() > MEMORY_MAP_ENTRIES_MAX) {
      throw new IllegalArgumentException("a memory map of " + memoryMap.size() + " entries");
    }
    if (cmdline.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL in the kernel's command line");
    }
  }
}
