package dev.javisor.x86.op;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;

/// Where instructions are and may go (SDM 1, 3.5; the limit and canonical checks of near branches).
final class Ip {
  private Ip() {}

  /// The bits that RIP has in `mode`.
  static long mask(Mode mode) {
    return mode.isLong() ? -1 : 0xFFFF_FFFFL;
  }

  /// Goes to `target` in the same code segment, if it may.
  ///
  /// @param bytes the operand size
  static void go(Cpu cpu, Mode mode, int bytes, long target) {
    check(cpu, mode, bytes, target);
    cpu.set(Slots.RIP, target & Ea.maskOf(bytes));
  }

  static void check(Cpu cpu, Mode mode, int bytes, long target) {
    boolean isThere =
        mode.isLong()
            ? target << 16 >> 16 == target
            : (target & Ea.maskOf(bytes)) <= cpu.segmentLimit(Instruction.CS);
    if (!isThere) {
      throw cpu.fault(CpuFault.GP);
    }
  }
}
