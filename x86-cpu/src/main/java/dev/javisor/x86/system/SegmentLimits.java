package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;

/// How limits and types of segments are checked in other than 64-bit mode (SDM 3A, 6.3).
public final class SegmentLimits {
  private static final int WRITABLE_OR_READABLE = 1 << 1;
  private static final int EXPAND_DOWN = 1 << 2;
  private static final int CODE = 1 << 3;
  private static final int BIG = 1 << 14;
  private static final int UNUSABLE = 1 << 16;
  private static final long OFFSET_MOST = 0xFFFF_FFFFL;

  private SegmentLimits() {}

  /// @throws CpuFault `#GP(0)`, or `#SS(0)` for the stack segment
  public static void check(Cpu cpu, int segment, long offset, int size, boolean write) {
    int attributes = cpu.segmentAttributes(segment);
    long limit = cpu.segmentLimit(segment);
    if (!isAllowed(attributes, write) || !isInside(attributes, limit, offset, size)) {
      throw cpu.fault(segment == Instruction.SS ? CpuFault.SS : CpuFault.GP);
    }
  }

  private static boolean isAllowed(int attributes, boolean write) {
    boolean isCode = (attributes & CODE) != 0;
    if ((attributes & UNUSABLE) != 0) {
      return false;
    }
    boolean bit = (attributes & WRITABLE_OR_READABLE) != 0;
    return write ? !isCode && bit : !isCode || bit;
  }

  /// Whether a segment of `attributes` and `limit` has `size` bytes at `offset`.
  static boolean isInside(int attributes, long limit, long offset, int size) {
    long last = offset + size - 1;
    if ((attributes & (CODE | EXPAND_DOWN)) == EXPAND_DOWN) {
      return offset > limit && last <= ((attributes & BIG) != 0 ? OFFSET_MOST : 0xFFFF);
    }
    return last <= limit;
  }
}
