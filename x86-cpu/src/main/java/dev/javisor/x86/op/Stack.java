package dev.javisor.x86.op;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.system.SegmentLimits;

/// PUSH and POP in all modes (SDM 2; SDM 1, 6.2): the stack as one mode has it.
final class Stack {
  private final int segmentBase;
  private final long mask;
  private final int shift;
  private final boolean isChecked;

  private Stack(Mode mode, boolean isFlat) {
    segmentBase = Ea.baseWord(mode, Instruction.SS);
    mask = Ea.maskOf(mode.stackBytes());
    shift = 64 - 8 * mode.stackBytes();
    isChecked = !mode.isLong() && !isFlat;
  }

  static Stack of(Mode mode, boolean isFlat) {
    return new Stack(mode, isFlat);
  }

  static Stack of(Context c) {
    return of(c.mode(), c.isFlat());
  }

  long pointer(Cpu cpu) {
    return cpu.gpr(Cpu.RSP) & mask;
  }

  void pointer(Cpu cpu, long value) {
    cpu.put(Cpu.RSP, value, shift);
  }

  /// The linear address of `offset` in the stack segment.
  long address(Cpu cpu, long offset, int size, boolean write) {
    if (isChecked) {
      SegmentLimits.check(cpu, Instruction.SS, offset & mask, size, write);
    }
    long linear = (offset & mask) + cpu.word(segmentBase);
    return mask == -1 ? linear : linear & 0xFFFF_FFFFL;
  }

  void push(Cpu cpu, int size, long value) {
    push(cpu, size, size, value);
  }

  /// Makes room for `size` bytes and stores the low `stored` of them.
  void push(Cpu cpu, int size, int stored, long value) {
    long pointer = pointer(cpu) - size;
    cpu.store(address(cpu, pointer, stored, true), stored, value);
    pointer(cpu, pointer);
  }

  /// What is on top, zero-extended; the pointer stays.
  long top(Cpu cpu, int size) {
    return peek(cpu, 0, size);
  }

  /// What is `distance` bytes above the top.
  long peek(Cpu cpu, long distance, int size) {
    return cpu.load(address(cpu, pointer(cpu) + distance, size, false), size);
  }

  void drop(Cpu cpu, long bytes) {
    pointer(cpu, pointer(cpu) + bytes);
  }
}
