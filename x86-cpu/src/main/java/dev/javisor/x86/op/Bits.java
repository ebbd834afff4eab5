package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Flags;
import org.jspecify.annotations.Nullable;

/// BT, BTS, BTR, BTC, BSF, BSR and POPCNT (SDM 2).
final class Bits {
  private Bits() {}

  static Op test(Context c) {
    Loc base = c.loc(0);
    boolean isString = base.isMemory() && c.loc(1) instanceof Loc.Register;
    Change change =
        switch (c.mnemonic()) {
          case "bts" -> Change.SET;
          case "btr" -> Change.RESET;
          case "btc" -> Change.COMPLEMENT;
          default -> Change.NONE;
        };
    return isString
        ? new InString(change, (Loc.Memory) base, c.loc(1), c.instruction())
        : new InOperand(change, base, c.loc(1), c.instruction().isLocked());
  }

  static Op scan(Context c) {
    return new Scan((Loc.Register) c.loc(0), c.loc(1), c.mnemonic().equals("bsr"));
  }

  static Op count(Context c) {
    return new Count(c.loc(0), c.loc(1));
  }

  private enum Change {
    NONE,
    SET,
    RESET,
    COMPLEMENT;

    long apply(long value, long bit) {
      return switch (this) {
        case NONE -> value;
        case SET -> value | bit;
        case RESET -> value & ~bit;
        case COMPLEMENT -> value ^ bit;
      };
    }
  }

  private static void carry(Cpu cpu, boolean on) {
    cpu.status(Flags.CF, on ? Flags.CF : 0);
  }

  /// Changes bit `bit` of `base`, which is at `address`, and says what it was.
  private static boolean change(
      Cpu cpu, Change change, Loc base, long address, long bit, boolean isLocked) {
    while (true) {
      long old = base.read(cpu, address);
      long value = change.apply(old, bit);
      if (isLocked) {
        if (!Atomic.compareAndSet(cpu, address, base.bytes(), old, value)) {
          continue;
        }
      } else {
        base.write(cpu, address, value);
      }
      return (old & bit) != 0;
    }
  }

  private static final class InOperand extends Op {
    private final Change change;
    private final Loc base;
    private final Loc offset;
    private final boolean isLocked;

    InOperand(Change change, Loc base, Loc offset, boolean isLocked) {
      this.change = change;
      this.base = base;
      this.offset = offset;
      this.isLocked = isLocked;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long bit = 1L << (offset.read(cpu) & base.bytes() * 8 - 1);
      if (change == Change.NONE) {
        carry(cpu, (base.read(cpu) & bit) != 0);
      } else {
        carry(cpu, change(cpu, change, base, base.addressForWrite(cpu), bit, isLocked));
      }
      return next;
    }

    @Override
    public boolean isOnStack() {
      return base.isOnStack();
    }
  }

  /// In a bit string in memory, any distance from the operand in units of its size.
  private static final class InString extends Op {
    private final Change change;
    private final Loc.Memory base;
    private final Loc offset;
    private final boolean isLocked;

    InString(Change change, Loc.Memory base, Loc offset, Instruction instruction) {
      this.change = change;
      this.base = base;
      this.offset = offset;
      this.isLocked = instruction.isLocked();
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      int bytes = base.bytes();
      long at = offset.read(cpu);
      long bit = 1L << (at & bytes * 8 - 1);
      long delta = (at >> (bytes == 8 ? 6 : bytes == 4 ? 5 : 4)) * bytes;
      long address = base.ea.displaced(cpu, delta, bytes, change != Change.NONE);
      if (change == Change.NONE) {
        carry(cpu, (base.read(cpu, address) & bit) != 0);
      } else {
        cpu.probeStore(address, bytes);
        carry(cpu, change(cpu, change, base, address, bit, isLocked));
      }
      return next;
    }

    @Override
    public boolean isOnStack() {
      return base.isOnStack();
    }
  }

  /// With nothing to find the target stays as it is, which Intel leaves undefined and all
  /// processors do.
  private static final class Scan extends Op {
    private final Loc.Register to;
    private final Loc from;
    private final boolean isReverse;

    Scan(Loc.Register to, Loc from, boolean isReverse) {
      this.to = to;
      this.from = from;
      this.isReverse = isReverse;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long value = from.unsigned(cpu);
      if (value != 0) {
        long found =
            isReverse ? 63 - Long.numberOfLeadingZeros(value) : Long.numberOfTrailingZeros(value);
        cpu.put(to.number, found, to.shift);
      }
      cpu.status(Flags.ZF, value == 0 ? Flags.ZF : 0);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return from.isOnStack();
    }
  }

  private static final class Count extends Op {
    private final Loc to;
    private final Loc from;

    Count(Loc to, Loc from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long value = from.unsigned(cpu);
      to.write(cpu, 0, Long.bitCount(value));
      cpu.status(value == 0 ? Flags.ZF : 0);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return from.isOnStack();
    }
  }
}
