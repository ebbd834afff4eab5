package dev.javisor.x86.engine;

import dev.javisor.vmm.backend.TimeSource;
import java.util.function.LongSupplier;

/// A clock that goes by instructions, and that is moved on where none are run. The thread of the
/// vCPU, or any while that rests.
final class VirtualTime implements TimeSource {
  private final Pace pace;
  private final LongSupplier instructions;
  private long base;

  /// @param instructions how many have been run
  VirtualTime(Pace pace, LongSupplier instructions) {
    this.pace = pace;
    this.instructions = instructions;
  }

  @Override
  public long nanoTime() {
    return base + instructions.getAsLong() * pace.nanosPerInstruction();
  }

  @Override
  public long wallClockNanos() {
    return pace.wallClockNanos() + nanoTime();
  }

  /// How many instructions have to be run until it shows `nanos` or more.
  long instructionsUntil(long nanos) {
    return Math.ceilDiv(nanos - nanoTime(), pace.nanosPerInstruction());
  }

  /// Makes it show `nanos` now.
  void move(long nanos) {
    base += nanos - nanoTime();
  }
}
