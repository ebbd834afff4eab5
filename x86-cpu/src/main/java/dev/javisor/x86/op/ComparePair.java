package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import org.jspecify.annotations.Nullable;

/// CMPXCHG8B and CMPXCHG16B: rDX:rAX with memory of twice 4 or 8 bytes; 16 must be aligned.
///
/// Without LOCK they are steps of one processor and take no lock: Linux' SLUB allocator lives by
/// that, on memory of that processor. With it 8 bytes are one word of the host's, and 16 are
/// what a split lock is ([Atomic]).
final class ComparePair extends Op {
  private final Ea ea;
  private final int bytes;
  private final boolean isLocked;

  ComparePair(Ea ea, int bytes, boolean isLocked) {
    this.ea = ea;
    this.bytes = bytes;
    this.isLocked = isLocked;
  }

  @Override
  public @Nullable Op exec(Cpu cpu) {
    long address = ea.forWrite(cpu, 2 * bytes);
    if (bytes == 8 && (address & 15) != 0) {
      throw cpu.fault(CpuFault.GP);
    }
    cpu.probeStore(address, 8);
    boolean equal = bytes == 8 ? compare16(cpu, address) : compare8(cpu, address);
    cpu.status(Flags.ZF, equal ? Flags.ZF : 0);
    return next;
  }

  private boolean compare8(Cpu cpu, long address) {
    long expected = cpu.gpr(Cpu.RDX) << 32 | cpu.gpr(Cpu.RAX) & 0xFFFF_FFFFL;
    long value = cpu.gpr(Cpu.RCX) << 32 | cpu.gpr(Cpu.RBX) & 0xFFFF_FFFFL;
    while (true) {
      long old = cpu.load64(address);
      if (old != expected) {
        cpu.gpr(Cpu.RAX, old & 0xFFFF_FFFFL);
        cpu.gpr(Cpu.RDX, old >>> 32);
        return false;
      } else if (!isLocked) {
        cpu.store64(address, value);
        return true;
      } else if (Atomic.compareAndSet(cpu, address, 8, old, value)) {
        return true;
      }
    }
  }

  private boolean compare16(Cpu cpu, long address) {
    if (!isLocked) {
      return step16(cpu, address);
    }
    return cpu.processors().alone(cpu, () -> step16(cpu, address));
  }

  private static boolean step16(Cpu cpu, long address) {
    long low = cpu.load64(address);
    long high = cpu.load64(address + 8);
    boolean equal = low == cpu.gpr(Cpu.RAX) && high == cpu.gpr(Cpu.RDX);
    if (equal) {
      cpu.store64(address, cpu.gpr(Cpu.RBX));
      cpu.store64(address + 8, cpu.gpr(Cpu.RCX));
    } else {
      cpu.gpr(Cpu.RAX, low);
      cpu.gpr(Cpu.RDX, high);
    }
    return equal;
  }

  @Override
  public boolean isOnStack() {
    return ea.isOnStack();
  }
}
