package dev.javisor.x86.op;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import java.util.function.Consumer;

/// LGDT and LIDT (SDM 2): a limit of 2 bytes and a base of 4, of 3 with 16-bit operands, of 8 in
/// 64-bit mode.
final class TableLoad implements Consumer<Cpu> {
  private final Ea ea;
  private final int baseBytes;
  private final long mask;
  private final int baseSlot;
  private final int limitSlot;

  TableLoad(Context c, int baseSlot, int limitSlot) {
    ea = c.ea();
    baseBytes = c.mode().isLong() ? 8 : 4;
    mask = c.mode().isLong() ? -1 : c.instruction().operandBytes() == 2 ? 0xFF_FFFFL : 0xFFFF_FFFFL;
    this.baseSlot = baseSlot;
    this.limitSlot = limitSlot;
  }

  @Override
  public void accept(Cpu cpu) {
    long address = ea.of(cpu, baseBytes + 2);
    long limit = cpu.load16(address);
    long base = cpu.load(address + 2, baseBytes) & mask;
    if (base << 16 >> 16 != base) {
      throw cpu.fault(CpuFault.GP);
    }
    cpu.set(baseSlot, base);
    cpu.set(limitSlot, limit);
  }
}
