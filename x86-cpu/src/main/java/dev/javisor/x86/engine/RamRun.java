package dev.javisor.x86.engine;

import dev.javisor.vmm.memory.GuestRegion;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// A run of RAM, and which of its pages the guest wrote while that is logged.
final class RamRun {
  private final GuestRegion region;
  private final long start;
  private final long end;
  private volatile @Nullable AtomicLongArray dirty;

  RamRun(GuestRegion region) {
    this.region = region;
    this.start = region.gpa();
    this.end = region.end();
  }

  long end() {
    return end;
  }

  boolean has(long gpa) {
    return gpa >= start && gpa < end;
  }

  /// Whether `other` is this run, by its address and the memory behind it.
  boolean is(GuestRegion other) {
    return other.gpa() == start && other.host().address() == region.host().address();
  }

  /// On clears the log.
  void log(boolean on) {
    dirty = on ? new AtomicLongArray(Math.toIntExact((region.size() >>> 12) + 63 >>> 6)) : null;
  }

  /// Whether the log does not know yet that the page at `gpa` is dirty.
  boolean isClean(long gpa) {
    AtomicLongArray log = dirty;
    int page = page(gpa);
    return log != null && (log.get(page >>> 6) >>> (page & 63) & 1) == 0;
  }

  void noteDirty(long gpa) {
    AtomicLongArray log = dirty;
    if (log != null) {
      int page = page(gpa);
      log.getAndAccumulate(page >>> 6, 1L << (page & 63), (old, bit) -> old | bit);
    }
  }

  private int page(long gpa) {
    return (int) (gpa - start >>> 12);
  }

  long[] takeDirtyPages() {
    AtomicLongArray log = dirty;
    if (log == null) {
      throw new IllegalStateException("the dirty log is off");
    }
    long[] taken = new long[log.length()];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = log.getAndSet(i, 0);
    }
    return taken;
  }
}
