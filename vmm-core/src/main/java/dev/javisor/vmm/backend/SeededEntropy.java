package dev.javisor.vmm.backend;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// The same bytes each time, for machines that are to do the same each time. No secret.
public final class SeededEntropy implements EntropySource {
  private final SplittableRandom random;

  public SeededEntropy(long seed) {
    random = new SplittableRandom(seed);
  }

  @Override
  public synchronized void fill(MemorySegment target) {
    byte[] bytes = new byte[(int) target.byteSize()];
    random.nextBytes(bytes);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, bytes.length);
  }
}
