package dev.javisor.x86.op;

import dev.javisor.x86.state.Cpu;
import java.util.function.Consumer;

/// SGDT and SIDT (SDM 2), the other way round than [TableLoad]; of 16-bit operands all 4 bytes too.
final class TableStore implements Consumer<Cpu> {
  private final Ea ea;
  private final int baseBytes;
  private final int baseSlot;
  private final int limitSlot;

  TableStore(Context c, int baseSlot, int limitSlot) {
    ea = c.ea();
    baseBytes = c.mode().isLong() ? 8 : 4;
    this.baseSlot = baseSlot;
    this.limitSlot = limitSlot;
  }

  @Override
  public void accept(Cpu cpu) {
    long address = ea.forWrite(cpu, baseBytes + 2);
    cpu.probeStore(address, 2);
    cpu.probeStore(address + 2, baseBytes);
    cpu.store16(address, cpu.get(limitSlot));
    cpu.store(address + 2, baseBytes, cpu.get(baseSlot));
  }
}
