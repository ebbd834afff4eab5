package dev.javisor.cli;

import dev.javisor.cli.doctor.HostMemory;

/// Whether a guest's memory can be had, before it is half booted.
final class GuestFit {
  /// What this process itself needs.
  private static final long OURS_BYTES = 96L << 20;

  private GuestFit() {}

  /// @throws UserError with the numbers, if it cannot fit
  static void check(long memoryBytes) {
    long available = HostMemory.availableBytes();
    if (memoryBytes > available - OURS_BYTES) {
      throw new UserError(
          "a guest of %d MiB does not fit: %d MiB are free here, %d of them for Javisor itself; use -m"
              .formatted(memoryBytes >> 20, available >> 20, OURS_BYTES >> 20));
    }
  }
}
