package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import org.jspecify.annotations.Nullable;

/// MMX, SSE and SSE2 (SDM 1, ch. 9 to 11).
final class VectorOps {
  private VectorOps() {}

  static @Nullable Op of(Context c) {
    return null;
  }
}
