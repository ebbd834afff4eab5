package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Ea;
import dev.javisor.x86.state.Cpu;

/// MASKMOVQ and MASKMOVDQU: stores at rDI the bytes whose mask bytes are negative. All bytes have
/// to be writable, the upper half's first, as on Intel's processors; whether a byte that is not
/// stored faults is the implementation's business (SDM 2, MASKMOVDQU).
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
    if (isMmx) {
      X87.enterMmx(cpu);
    }
    long address = ea.forWrite(cpu, bytes);
    for (int at = bytes - 8; at >= 0; at -= 8) {
      cpu.probeStore(address + at, 8);
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
    return (byte) (cpu.get(slot + (i & 8)) >> (8 * (i & 7)));
  }
}
