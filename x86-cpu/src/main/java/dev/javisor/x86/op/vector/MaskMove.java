package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Ea;
import dev.javisor.x86.state.Cpu;

/// MASKMOVQ and MASKMOVDQU: stores at rDI the bytes whose mask bytes are negative. All bytes have
/// to be writable, the upper half's first, as on Intel's processors; whether a byte that is not
/// stored faults is the implementation's business (SDM 2, MASKMOVDQU).
final class MaskMove extends Guarded {
  private static final int HALF = 8;

  private final Ea ea;
  private final int bytes;
  private final int value;
  private final int mask;
  private final boolean isMmx;

  MaskMove(Context c) {
    super(c);
    ea = c.at(Cpu.RDI, -1);
    bytes = c.bytes(0);
    value = Registers.slot(c, 0);
    mask = Registers.slot(c, 1);
    isMmx = Registers.isMmx(c, 0);
  }

  @Override
  void run(Cpu cpu) {
    if (isMmx) {
      X87.enterMmx(cpu);
    }
    for (int half = bytes - HALF; half >= 0; half -= HALF) {
      cpu.probeStore(address(cpu, half), HALF);
    }
    for (int i = 0; i < bytes; i++) {
      if (isChosen(cpu, i)) {
        cpu.store8(address(cpu, i & HALF) + (i & HALF - 1), at(cpu, value, i));
      }
    }
  }

  /// Each half has an effective address of its own, which wraps where addresses do.
  private long address(Cpu cpu, int half) {
    return ea.displaced(cpu, half, HALF, true);
  }

  private boolean isChosen(Cpu cpu, int i) {
    return at(cpu, mask, i) < 0;
  }

  private static byte at(Cpu cpu, int slot, int i) {
    return (byte) (cpu.get(slot + (i & HALF)) >> (8 * (i & HALF - 1)));
  }
}
