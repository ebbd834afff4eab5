package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import org.jspecify.annotations.Nullable;

final class SystemOps {
  private SystemOps() {}

  static @Nullable Op of(Context c) {
    return null;
  }
}
