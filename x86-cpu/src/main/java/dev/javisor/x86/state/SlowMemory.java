package dev.javisor.x86.state;

/// Accesses that [Cpu]'s TLB does not know, cross a page, or meet no plain RAM. Sizes are 1, 2, 4
/// or 8 bytes; values are zero-extended.
public interface SlowMemory {

  /// @throws CpuFault the page's or the address'
  long load(Cpu cpu, long address, int size);

  /// Stores all or nothing.
  ///
  /// @throws CpuFault the page's or the address'
  void store(Cpu cpu, long address, int size, long value);

  /// Faults as [#store] would, and does nothing else.
  void probeStore(Cpu cpu, long address, int size);

  /// Where in RAM the `size` bytes at `address` are, for an access that is no store: writable, in
  /// one page. -1 where no RAM is or they cross a page.
  ///
  /// @throws CpuFault the page's or the address'
  long atomicOffset(Cpu cpu, long address, int size);

  /// That bytes found by [#atomicOffset] have changed.
  void changed(long offset, int size);

  /// Forgets translations: all, those of global pages only if `global`.
  void flush(Cpu cpu, boolean global);

  /// Forgets the translation of one page.
  void flushPage(Cpu cpu, long address);
}
