package dev.javisor.x86.op;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.SegmentLimits;

/// The address of a memory operand (SDM 1, 3.7.5): registers that are not there read as zero, so
/// that there is nothing to decide.
public final class Ea {
  private static final long LINEAR_32 = 0xFFFF_FFFFL;
  private static final int ZERO = Slots.word(Slots.ZERO);

  // Small, since programs are full of them: registers are words of the processor's.
  private final long displacement;
  private final long mask;
  private final byte base;
  private final byte index;
  private final byte scale;
  private final byte segmentBase;
  private final byte segment;
  private final boolean isLong;
  private final boolean isChecked;

  /// Of 64 bits in a segment that begins at 0: nothing to do but to add.
  private final boolean isPlain;

  private Ea(
      int base,
      int index,
      int scale,
      long displacement,
      int addressBytes,
      Mode mode,
      int segment,
      boolean isChecked) {
    this.base = (byte) base;
    this.index = (byte) index;
    this.scale = (byte) scale;
    this.displacement = displacement;
    this.mask = maskOf(addressBytes);
    this.segmentBase = (byte) baseWord(mode, segment);
    this.segment = (byte) segment;
    this.isLong = mode.isLong();
    this.isChecked = isChecked;
    this.isPlain = isLong && mask == -1 && this.segmentBase == ZERO;
  }

  static long maskOf(int addressBytes) {
    return addressBytes == 8 ? -1 : addressBytes == 4 ? LINEAR_32 : 0xFFFF;
  }

  /// The word with what to add for `segment`: in 64-bit mode nothing but for FS and GS (SDM 3A,
  /// 3.4.4).
  static int baseWord(Mode mode, int segment) {
    return mode.isLong() && segment < Instruction.FS ? ZERO : Slots.word(Slots.segment(segment));
  }

  /// What ModRM addresses.
  ///
  /// @param end the offset in the page of the next instruction, which RIP-relative addresses count
  ///     from
  /// @param isFlat whether the mode's segments but FS and GS are all of memory
  static Ea of(Instruction i, int end, boolean isFlat) {
    boolean isRelative = i.base() == Instruction.RIP;
    return new Ea(
        isRelative ? Slots.word(Slots.PAGE) : word(i.base()),
        word(i.index()),
        i.scale(),
        isRelative ? i.displacement() + end : i.displacement(),
        i.addressBytes(),
        i.mode(),
        i.segment(),
        isChecked(i.mode(), i.segment(), isFlat));
  }

  /// MOV's address without ModRM.
  static Ea ofOffset(Instruction i, boolean isFlat) {
    int segment = i.override() >= 0 ? i.override() : Instruction.DS;
    return new Ea(
        ZERO,
        ZERO,
        0,
        i.displacement(),
        i.addressBytes(),
        i.mode(),
        segment,
        isChecked(i.mode(), segment, isFlat));
  }

  /// `[register]` in `segment`: string operands, XLAT's table.
  static Ea ofRegister(Instruction i, int register, int segment, boolean isFlat) {
    return new Ea(
        word(register),
        ZERO,
        0,
        0,
        i.addressBytes(),
        i.mode(),
        segment,
        isChecked(i.mode(), segment, isFlat));
  }

  /// Whether limits and types matter: CS, even if flat, is never written through.
  private static boolean isChecked(Mode mode, int segment, boolean isFlat) {
    boolean isFree = isFlat && segment != Instruction.CS && segment < Instruction.FS;
    return !mode.isLong() && !isFree;
  }

  private static int word(int register) {
    return register < 0 ? ZERO : register;
  }

  public boolean isOnStack() {
    return segment == Instruction.SS;
  }

  /// The effective address: within the segment.
  public long offset(Cpu cpu) {
    return sum(cpu) & mask;
  }

  private long sum(Cpu cpu) {
    return cpu.word(base) + (cpu.word(index) << scale) + displacement;
  }

  /// The linear address of a read of `size` bytes.
  public long of(Cpu cpu, int size) {
    return isPlain ? sum(cpu) : at(cpu, offset(cpu), size, false);
  }

  /// The linear address of what is written too.
  public long forWrite(Cpu cpu, int size) {
    return isPlain ? sum(cpu) : at(cpu, offset(cpu), size, true);
  }

  /// The linear address of `offset` within the segment.
  long at(Cpu cpu, long offset, int size, boolean write) {
    if (isChecked) {
      SegmentLimits.check(cpu, segment, offset, size, write);
    }
    return linear(cpu, offset);
  }

  /// The linear address `delta` bytes from the operand: what bit strings reach.
  public long displaced(Cpu cpu, long delta, int size, boolean write) {
    return at(cpu, (offset(cpu) + delta) & mask, size, write);
  }

  /// The same operand's linear address with no check, for INVLPG and prefetches.
  long unchecked(Cpu cpu) {
    return linear(cpu, offset(cpu));
  }

  private long linear(Cpu cpu, long offset) {
    long address = offset + cpu.word(segmentBase);
    return isLong ? address : address & LINEAR_32;
  }

  /// Bits of the address register that count.
  long mask() {
    return mask;
  }
}
