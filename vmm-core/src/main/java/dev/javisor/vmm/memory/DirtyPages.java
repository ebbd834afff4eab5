package dev.javisor.vmm.memory;

import java.util.concurrent.atomic.AtomicLongArray;

/// Which pages were written from outside a vCPU, a bit each: the half of a dirty log that KVM,
/// which sees only the guest's own stores, cannot know. Covers addresses 0 to `endGpa`. Any thread.
public final class DirtyPages implements WriteListener {
  private static final int PAGE_SHIFT = 12;

  private final AtomicLongArray words;

  public DirtyPages(long endGpa) {
    long pages = (endGpa + GuestRegion.PAGE_BYTES - 1) >>> PAGE_SHIFT;
    this.words = new AtomicLongArray(Math.toIntExact((pages + 63) >>> 6));
  }

  @Override
  public void written(long gpa, long size) {
    if (size == 0) {
      return;
    }
    for (long page = gpa >>> PAGE_SHIFT; page <= (gpa + size - 1) >>> PAGE_SHIFT; page++) {
      words.getAndAccumulate((int) (page >>> 6), 1L << (page & 63), (a, b) -> a | b);
    }
  }

  /// The pages written since the last call, lowest in bit 0 of word 0; asking clears.
  public long[] take() {
    long[] taken = new long[words.length()];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = words.getAndSet(i, 0);
    }
    return taken;
  }
}
