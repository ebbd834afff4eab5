package dev.javisor.x86.op.vector;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// An operation that looks at the control registers first.
abstract class Guarded extends Op {
  private final Guard guard;
  private final boolean isOnStack;

  Guarded(Context c) {
    guard = Guard.of(c);
    isOnStack = c.instruction().isMemory() && c.ea().isOnStack();
  }

  /// The instruction itself.
  abstract void run(Cpu cpu);

  @Override
  public final @Nullable Op exec(Cpu cpu) {
    guard.check(cpu);
    run(cpu);
    return next;
  }

  @Override
  public final boolean isOnStack() {
    return isOnStack;
  }

  /// One that fits in a line.
  static Op of(Context c, Work work) {
    return new Guarded(c) {
      @Override
      void run(Cpu cpu) {
        work.run(cpu);
      }
    };
  }

  /// What an operation does when it may.
  @FunctionalInterface
  interface Work {
    void run(Cpu cpu);
  }
}
