package dev.javisor.images.kernel;

/// Where below 1 MiB the loader leaves what the kernel reads or runs on before it has its own:
/// inside the first RAM entry of the memory map (0 to 0x9fc00), above the real-mode vectors.
final class LowMemory {
  static final long GDT = 0x6000;
  static final long ZERO_PAGE = 0x7000;

  /// Grows down; no protocol promises one, early code of small kernels wants it.
  static final long STACK = 0x8FF0;

  /// One page of level 4, one of level 3, four of level 2: see [EntryState].
  static final long PAGE_TABLES = 0x9000;

  static final long START_INFO = 0xF000;
  static final long MODULES = 0xF040;
  static final long PVH_MEMORY_MAP = 0xF080; // 128 entries of 24 bytes end at 0xfc80
  static final long CMDLINE = 0x20000;
  static final long END = 0x9FC00;

  /// Nothing of a kernel or an initrd goes below.
  static final long HIGH = 0x100000;

  private LowMemory() {}
}
