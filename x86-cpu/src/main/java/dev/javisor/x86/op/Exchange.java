package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import org.jspecify.annotations.Nullable;

/// XADD, CMPXCHG, CMPXCHG8B and CMPXCHG16B (SDM 2). They ask for the right to write also when they
/// will not change anything.
final class Exchange {
  private static final Object PAIRS = new Object();

  private Exchange() {}

  static Op xadd(Context c) {
    return new Add(c.loc(0), c.loc(1), c.instruction().isLocked());
  }

  static Op cmpxchg(Context c) {
    return new Compare(c.loc(0), c.loc(1), c.instruction().isLocked());
  }

  static Op pair(Context c) {
    return new ComparePair(c.ea(), c.instruction().operandBytes() == 8 ? 8 : 4);
  }

  private static final class Add extends Op {
    private final Loc to;
    private final Loc from;
    private final boolean isLocked;

    Add(Loc to, Loc from, boolean isLocked) {
      this.to = to;
      this.from = from;
      this.isLocked = isLocked && to.isMemory();
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long address = to.addressForWrite(cpu);
      long b = from.read(cpu);
      while (true) {
        long a = to.read(cpu, address);
        long sum = Alu.add(cpu, a, b, to.shift);
        if (!isLocked) {
          from.write(cpu, 0, a);
          to.write(cpu, address, sum);
          return next;
        } else if (Atomic.compareAndSet(cpu, address, to.bytes(), a, sum)) {
          from.write(cpu, 0, a);
          return next;
        }
      }
    }

    @Override
    public boolean isOnStack() {
      return to.isOnStack();
    }
  }

  private static final class Compare extends Op {
    private final Loc to;
    private final Loc from;
    private final boolean isLocked;
    private final Loc.Register accumulator;

    Compare(Loc to, Loc from, boolean isLocked) {
      this.to = to;
      this.from = from;
      this.isLocked = isLocked && to.isMemory();
      this.accumulator = new Loc.Register(Cpu.RAX, to.bytes());
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long address = to.addressForWrite(cpu);
      long expected = accumulator.read(cpu);
      long value = from.read(cpu);
      while (true) {
        long old = to.read(cpu, address);
        if (old != expected) {
          mismatch(cpu, address, old);
        } else if (!isLocked) {
          to.write(cpu, address, value);
        } else if (!Atomic.compareAndSet(cpu, address, to.bytes(), old, value)) {
          continue;
        }
        cpu.flagsOfSub(expected, old, to.sign(expected - old));
        return next;
      }
    }

    /// The target is written back as it was: of a 32-bit register that clears nothing (as
    /// processors do), the accumulator's upper half goes.
    private void mismatch(Cpu cpu, long address, long old) {
      accumulator.write(cpu, 0, old);
      if (to.isMemory() && !isLocked) {
        to.write(cpu, address, old);
      }
    }

    @Override
    public boolean isOnStack() {
      return to.isOnStack();
    }
  }

  /// rDX:rAX with memory of twice 4 or 8 bytes; 16 must be aligned. With or without LOCK it takes
  /// effect as one step: of 8 bytes the host's own, of 16 under one lock.
  private static final class ComparePair extends Op {
    private final Ea ea;
    private final int bytes;

    ComparePair(Ea ea, int bytes) {
      this.ea = ea;
      this.bytes = bytes;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long address = ea.forWrite(cpu, 2 * bytes);
      if (bytes == 8 && (address & 15) != 0) {
        throw cpu.fault(CpuFault.GP);
      }
      boolean equal = bytes == 8 ? compare16(cpu, address) : compare8(cpu, address);
      cpu.status(Flags.ZF, equal ? Flags.ZF : 0);
      return next;
    }

    private static boolean compare8(Cpu cpu, long address) {
      cpu.probeStore(address, 8);
      long expected = cpu.gpr(Cpu.RDX) << 32 | cpu.gpr(Cpu.RAX) & 0xFFFF_FFFFL;
      long value = cpu.gpr(Cpu.RCX) << 32 | cpu.gpr(Cpu.RBX) & 0xFFFF_FFFFL;
      while (true) {
        long old = cpu.load64(address);
        if (old != expected) {
          cpu.gpr(Cpu.RAX, old & 0xFFFF_FFFFL);
          cpu.gpr(Cpu.RDX, old >>> 32);
          return false;
        } else if (Atomic.compareAndSet(cpu, address, 8, old, value)) {
          return true;
        }
      }
    }

    private static boolean compare16(Cpu cpu, long address) {
      cpu.probeStore(address, 8);
      synchronized (PAIRS) {
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
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }
}
