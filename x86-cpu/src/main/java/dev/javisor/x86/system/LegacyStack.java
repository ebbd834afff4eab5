package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import org.jspecify.annotations.Nullable;

/// A stack of other than 64-bit mode that is being pushed to: the pointer is the processor's only
/// after [#commit].
final class LegacyStack {
  private final Cpu cpu;
  private final long base;
  private final long mask;
  private final int size;
  private final @Nullable Descriptor segment;
  private long pointer;

  LegacyStack(Cpu cpu, @Nullable Descriptor segment, long base, long pointer, long mask, int size) {
    this.segment = segment;
    this.cpu = cpu;
    this.base = base;
    this.mask = mask;
    this.size = size;
    this.pointer = pointer & mask;
  }

  /// The stack that a transfer to `level` uses: the task's if `segment` is not null, else the
  /// present one.
  static LegacyStack of(Cpu cpu, @Nullable Descriptor segment, int level, int size) {
    boolean isBig =
        segment == null ? (cpu.segmentAttributes(Instruction.SS) & 1 << 14) != 0 : segment.isBig();
    long base = segment == null ? cpu.segmentBase(Instruction.SS) : segment.base();
    long pointer = segment == null ? cpu.gpr(Cpu.RSP) : pointerOfTask(cpu, level);
    return new LegacyStack(cpu, segment, base, pointer, isBig ? 0xFFFF_FFFFL : 0xFFFF, size);
  }

  void push(long value) {
    pointer = pointer - size & mask;
    check();
    cpu.store(base + pointer & 0xFFFF_FFFFL, size, value);
  }

  /// A stack of another level names itself when it is too small (SDM 2, INT).
  private void check() {
    if (segment == null) {
      SegmentLimits.check(cpu, Instruction.SS, pointer, size, true);
    } else if (!SegmentLimits.isInside(segment.attributes(), segment.limit(), pointer, size)) {
      throw segment.fault(cpu, CpuFault.SS);
    }
  }

  long pointer() {
    return pointer;
  }

  void commit() {
    cpu.put(Cpu.RSP, pointer, Long.numberOfLeadingZeros(mask));
  }

  /// SS of the 32-bit TSS for `level` (SDM 3A, 9.2.1), checked.
  static @Nullable Descriptor ofTask(Cpu cpu, int level) {
    long at = at(cpu, level);
    int selector = (int) Descriptor.load(cpu, at + 4) & 0xFFFF;
    return Segments.stack(cpu, selector, level, CpuFault.TS, false);
  }

  private static long pointerOfTask(Cpu cpu, int level) {
    return Descriptor.load(cpu, at(cpu, level)) & 0xFFFF_FFFFL;
  }

  private static long at(Cpu cpu, int level) {
    int offset = 4 + 8 * level;
    if (offset + 7 > cpu.segmentLimit(Descriptor.TR)) {
      throw cpu.fault(CpuFault.TS, cpu.selector(Descriptor.TR) & 0xFFFC);
    }
    return cpu.segmentBase(Descriptor.TR) + offset;
  }
}
