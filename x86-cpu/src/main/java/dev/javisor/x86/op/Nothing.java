package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// NOP, hints, and fences of what is ordered anyway: loads and stores are acquire and release.
final class Nothing extends Op {
  @Override
  public @Nullable Op exec(Cpu cpu) {
    return next;
  }
}
