package dev.javisor.x86.op.vector;

import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Ea;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.table.Attribute;

/// A memory operand of up to 16 bytes.
final class Memory {
  private static final int QUAD = 8;

  private final Ea ea;
  private final int bytes;
  private final long misaligned;

  Memory(Ea ea, int bytes, boolean isAligned) {
    this.ea = ea;
    this.bytes = bytes;
    this.misaligned = isAligned ? bytes - 1 : 0;
  }

  /// What ModRM addresses.
  static Memory of(Context c, int number) {
    int bytes = c.bytes(number);
    return new Memory(c.ea(), bytes, bytes == 16 && c.instruction().form().is(Attribute.ALIGN));
  }

  /// The effective address, unchecked.
  long offset(Cpu cpu) {
    return ea.offset(cpu);
  }

  /// Loads it into [Slots#FP_SOURCE]: 8 bytes or 16, what is behind a shorter one being zeros.
  void load(Cpu cpu) {
    long address = aligned(cpu, ea.of(cpu, bytes));
    if (bytes <= QUAD) {
      cpu.set(Slots.FP_SOURCE, cpu.load(address, bytes));
    } else {
      cpu.set(Slots.FP_SOURCE, cpu.load64(address));
      cpu.set(Slots.FP_SOURCE + QUAD, cpu.load(address + QUAD, bytes - QUAD));
    }
  }

  /// The address, with the right to write there asserted.
  long addressForWrite(Cpu cpu) {
    long address = aligned(cpu, ea.forWrite(cpu, bytes));
    cpu.probeStore(address, Math.min(bytes, QUAD));
    if (bytes > QUAD) {
      cpu.probeStore(address + QUAD, bytes - QUAD);
    }
    return address;
  }

  /// Stores what is at `slot` to an address that [#addressForWrite] has found.
  void store(Cpu cpu, long address, int slot) {
    cpu.store(address, Math.min(bytes, QUAD), cpu.get(slot));
    if (bytes > QUAD) {
      cpu.store(address + QUAD, bytes - QUAD, cpu.get(slot + QUAD));
    }
  }

  private long aligned(Cpu cpu, long address) {
    if ((address & misaligned) != 0) {
      throw cpu.fault(CpuFault.GP);
    }
    return address;
  }
}
