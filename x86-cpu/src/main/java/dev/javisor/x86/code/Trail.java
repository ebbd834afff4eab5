package dev.javisor.x86.code;

import java.util.Arrays;

/// The places that code was entered at lately: by what leads out of its page or is not known when
/// it is decoded. One vCPU's.
public final class Trail {
  private static final int LENGTH = 32;

  private final long[] places = new long[LENGTH];
  private long next;

  void note(long rip) {
    places[(int) next++ & LENGTH - 1] = rip;
  }

  /// Oldest first; what follows itself counts once.
  public long[] last() {
    long[] all = new long[LENGTH];
    int count = 0;
    for (long i = Math.max(0, next - LENGTH); i < next; i++) {
      long place = places[(int) i & LENGTH - 1];
      if (count == 0 || all[count - 1] != place) {
        all[count++] = place;
      }
    }
    return Arrays.copyOf(all, count);
  }
}
