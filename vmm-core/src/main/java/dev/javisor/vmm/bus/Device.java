package dev.javisor.vmm.bus;

/// Something the CPU can load from and store to. It knows offsets, not addresses: where it sits is
/// the board's business. Called by any vCPU thread; a device guards its own state and never blocks
/// on a back end.
public interface Device {

  /// Value at `offset`, zero-extended. `size` is 1..8 bytes; a device answers all ones to a size or
  /// offset it does not have, as an empty bus does.
  long read(long offset, int size);

  /// Stores the low `size` bytes of `value`, which is zero-extended.
  void write(long offset, int size, long value);

  /// All ones, `size` bytes wide: what an x86 bus reads where nothing answers.
  static long allOnes(int size) {
    return size >= 8 ? -1L : (1L << (size * 8)) - 1;
  }
}
