package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;

/// The present stack in words of one size, in any mode: what far transfers and IRET push and pop.
final class FarStack {
  private final Cpu cpu;
  private final int size;
  private final long base;
  private final long mask;

  private FarStack(Cpu cpu, int size, long base, long mask) {
    this.cpu = cpu;
    this.size = size;
    this.base = base;
    this.mask = mask;
  }

  static FarStack of(Cpu cpu, int size) {
    if (Segments.isLongCode(cpu)) {
      return new FarStack(cpu, size, 0, -1);
    }
    boolean isBig = (cpu.segmentAttributes(Instruction.SS) & 1 << 14) != 0;
    return new FarStack(
        cpu, size, cpu.get(Slots.segment(Instruction.SS)), isBig ? 0xFFFF_FFFFL : 0xFFFF);
  }

  /// Word `number` from the top, zero-extended.
  long word(int number) {
    return wordAt((long) number * size);
  }

  long wordAt(long distance) {
    return cpu.load(address(cpu.gpr(Cpu.RSP) + distance, false), size);
  }

  private long address(long pointer, boolean write) {
    if (mask != -1) {
      SegmentLimits.check(cpu, Instruction.SS, pointer & mask, size, write);
    }
    long linear = base + (pointer & mask);
    return mask == -1 ? linear : linear & 0xFFFF_FFFFL;
  }

  /// Pushes a far pointer.
  void push(int selector, long offset) {
    long pointer = cpu.gpr(Cpu.RSP);
    long first = address(pointer - size, true);
    long second = address(pointer - 2L * size, true);
    cpu.probeStore(second, size);
    cpu.store(first, size, selector);
    cpu.store(second, size, offset);
    drop(-2L * size);
  }

  void drop(long bytes) {
    cpu.put(Cpu.RSP, cpu.gpr(Cpu.RSP) + bytes, Long.numberOfLeadingZeros(mask));
  }
}
