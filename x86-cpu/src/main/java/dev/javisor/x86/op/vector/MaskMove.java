package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Ea;
import dev.javisor.x86.state.Cpu;

/// MASKMOVQ and MASKMOVDQU: stores at rDI the bytes whose mask bytes are negative. What may not be
/// written matters only if it would be (SDM 2, MASKMOVDQU: which faults a mask of zero has is the
/// implementation's).
final class MaskMove extends Guarded {
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
    long address = ea.forWrite(cpu, bytes);
    if (isMmx) {
      X87.enterMmx(cpu);
    }
    for (int i = 0; i < bytes; i++) {
      if (isChosen(cpu, i)) {
        cpu.probeStore(address + i, 1);
      }
    }
    for (int i = 0; i < bytes; i++) {
      if (isChosen(cpu, i)) {
        cpu.store8(address + i, at(cpu, value, i));
      }
    }
  }

  private boolean isChosen(Cpu cpu, int i) {
    return at(cpu, mask, i) < 0;
  }

  private static byte at(Cpu cpu, int slot, int i) {
    return (byte) (cpu.get(slot + (i & 8)) >> 8 * (i & 7));
  }
}
