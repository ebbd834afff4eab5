package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// PAUSE (SDM 2): the guest waits for another of its processors, which may be waiting for one of
/// the host's. So now and then this one is offered.
final class Pause extends Op {
  /// Between two offers: a lock that is held by a processor that runs is free before.
  private static final int PATIENCE = 64;

  /// Of all processors that wait here: roughly.
  private int waited;

  @Override
  public @Nullable Op exec(Cpu cpu) {
    if (++waited % PATIENCE == 0) {
      Thread.yield();
    }
    return next;
  }
}
