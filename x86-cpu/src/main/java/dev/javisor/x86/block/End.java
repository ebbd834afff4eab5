package dev.javisor.x86.block;

import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// Stands behind a block whose last instruction just goes on.
public final class End extends Op {
  private final Way way;

  public End(Way way) {
    this.way = way;
  }

  @Override
  public @Nullable Op exec(Cpu cpu) {
    return way.go(cpu);
  }
}
