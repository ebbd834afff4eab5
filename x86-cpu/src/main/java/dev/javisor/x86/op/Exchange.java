package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// XADD and CMPXCHG (SDM 2), and the way to [ComparePair]. They ask for the right to write also
/// when they will not change anything.
final class Exchange {
  private Exchange() {}

  static Op xadd(Context c) {
    return new Add(c.loc(0), c.loc(1), c.instruction().isLocked());
  }

  static Op cmpxchg(Context c) {
    return new Compare(c.loc(0), c.loc(1), c.instruction().isLocked());
  }

  static Op pair(Context c) {
    return new ComparePair(
        c.ea(), c.instruction().operandBytes() == 8 ? 8 : 4, c.instruction().isLocked());
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
      this.accumulator = Loc.Register.of(Cpu.RAX, to.bytes());
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
}
