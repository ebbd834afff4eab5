package dev.javisor.x86.op;

import dev.javisor.x86.state.Cpu;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Locked accesses (SDM 3A, 9.1). Where an operand lies within one aligned word of RAM they are the
/// host's own, and so atomic against whatever another processor does to it.
///
/// Where it does not - a split lock - the other processors stand still meanwhile: nothing less
/// keeps their plain stores and their locked ones of a part of it out, without a look at each of
/// them. Hardware locks the bus for it and systems avoid it (SDM 3A, 9.1.2.3); so may we be slow.
///
/// A device's register is read once and written once. Its reader and writer are the device's own
/// business, and to compare again would ask it twice.
final class Atomic {
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final int PAGE_BYTES = 4096;

  private Atomic() {}

  /// Replaces the `bytes` at `address`, 1 to 8, by `value` if they are `expected`; of both only the
  /// low bytes count.
  static boolean compareAndSet(Cpu cpu, long address, int bytes, long expected, long value) {
    long offset = cpu.tlb().writeOffset(address, bytes);
    if (offset >= 0 && (offset & 7) + bytes <= 8) {
      return inWord(cpu.ram(), offset, bytes, expected, value);
    }
    return elsewhere(cpu, address, bytes, expected, value);
  }

  /// Where the TLB gives no right to write, since code is there for one, or in more than a word.
  private static boolean elsewhere(Cpu cpu, long address, int bytes, long expected, long value) {
    long offset = cpu.slow().atomicOffset(cpu, address, bytes);
    boolean crossesPage = (address & PAGE_BYTES - 1) + bytes > PAGE_BYTES;
    if (offset < 0 && !crossesPage) {
      cpu.store(address, bytes, value);
      return true;
    } else if (offset < 0 || (offset & 7) + bytes > 8) {
      return cpu.processors().alone(cpu, () -> split(cpu, address, bytes, expected, value));
    }
    boolean done = inWord(cpu.ram(), offset, bytes, expected, value);
    if (done) {
      cpu.slow().changed(offset, bytes);
    }
    return done;
  }

  private static boolean inWord(
      MemorySegment ram, long offset, int bytes, long expected, long value) {
    if (bytes == 8) {
      return LONG.compareAndSet(ram, offset, expected, value);
    } else if (bytes == 4 && (offset & 3) == 0) {
      return INT.compareAndSet(ram, offset, (int) expected, (int) value);
    }
    return around(ram, offset, bytes, expected, value);
  }

  /// In the aligned 8 bytes around.
  private static boolean around(
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
    if ((cpu.load(address, bytes) & mask) != (expected & mask)) {
      return false;
    }
    cpu.store(address, bytes, value);
    VarHandle.fullFence();
    return true;
  }
}
