package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.op.vector.Families;
import org.jspecify.annotations.Nullable;

/// MMX, SSE, SSE2 and the x87 (SDM 1, ch. 8 to 11), which have a package of their own.
final class VectorOps {
  private VectorOps() {}

  static @Nullable Op of(Context c) {
    return Families.of(c);
  }
}
