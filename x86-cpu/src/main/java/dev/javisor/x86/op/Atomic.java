package dev.javisor.x86.op;

import dev.javisor.x86.state.Cpu;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Locked accesses (SDM 3A, 9.1). Where an operand lies within one aligned word of RAM they are the
/// host's own; where it does not - a split lock, a device's register - one lock for all processors
/// stands in, which such accesses hold against one another.
final class Atomic {
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final Object SPLIT = new Object();

  private Atomic() {}

  /// Replaces the `bytes` at `address`, 1 to 8, by `value` if they are `expected`; of both only the
  /// low bytes count.
  static boolean compareAndSet(Cpu cpu, long address, int bytes, long expected, long value) {
    long offset = cpu.slow().atomicOffset(cpu, address, bytes);
    if (offset < 0 || (offset & 7) + bytes > 8) {
      return split(cpu, address, bytes, expected, value);
    }
    MemorySegment ram = cpu.ram();
    if (bytes == 8) {
      return LONG.compareAndSet(ram, offset, expected, value);
    } else if (bytes == 4 && (offset & 3) == 0) {
      return INT.compareAndSet(ram, offset, (int) expected, (int) value);
    }
    return within(ram, offset, bytes, expected, value);
  }

  /// In the aligned 8 bytes around.
  private static boolean within(
      MemorySegment ram, long offset, int bytes, long expected, long value) {
    int shift = (int) (offset & 7) * 8;
    long mask = ((1L << bytes * 8) - 1) << shift;
    while (true) {
      long word = (long) LONG.getVolatile(ram, offset & -8);
      if ((word & mask) != (expected << shift & mask)) {
        return false;
      }
      if (LONG.compareAndSet(ram, offset & -8, word, (word & ~mask) | (value << shift & mask))) {
        return true;
      }
    }
  }

  private static boolean split(Cpu cpu, long address, int bytes, long expected, long value) {
    long mask = bytes == 8 ? -1 : (1L << bytes * 8) - 1;
    synchronized (SPLIT) {
      if ((cpu.load(address, bytes) & mask) != (expected & mask)) {
        return false;
      }
      cpu.store(address, bytes, value);
      VarHandle.fullFence();
      return true;
    }
  }
}
