package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.block.Way;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.table.Kind;
import org.jspecify.annotations.Nullable;

/// Near jumps, calls and returns, Jcc, LOOP and JrCXZ (SDM 2).
public final class Branches {
  private static final int EQUAL = 4;

  private Branches() {}

  static Op jcc(Context c, Ways ways) {
    int condition = c.instruction().opcode() & 15;
    if (!isLinked(c)) {
      return new JumpIfFar(condition, c);
    }
    Way taken = ways.to(target(c));
    Way other = ways.to(c.end());
    return switch (condition) {
      case EQUAL -> new JumpIfZero(taken, other);
      case EQUAL + 1 -> new JumpIfZero(other, taken);
      default -> new JumpIf(condition, taken, other);
    };
  }

  static Op jmp(Context c, Ways ways) {
    if (c.instruction().form().operands().getFirst().kind() != Kind.J) {
      return new JumpTo(c, c.loc(0));
    }
    return isLinked(c) ? new Jump(ways.to(target(c))) : new JumpFar(c);
  }

  static Op call(Context c, Ways ways) {
    if (c.instruction().form().operands().getFirst().kind() != Kind.J) {
      return new CallTo(c, c.loc(0));
    }
    return c.mode().isLong() ? new Call(ways.to(target(c)), c) : new CallFar(c);
  }

  static Op ret(Context c) {
    return c.mode().isLong() && c.operands() == 0 ? new Return() : new ReturnAnyway(c);
  }

  static Op loop(Context c) {
    return new Loop(c);
  }

  /// Whether the target is RIP's own bits away: with 16-bit operands it wraps somewhere else.
  private static boolean isLinked(Context c) {
    return c.mode().isLong() || (c.mode().codeBytes() == 4 && c.instruction().operandBytes() == 4);
  }

  private static int target(Context c) {
    return c.end() + (int) c.instruction().immediate();
  }

  /// Makes the ways out of the block at hand.
  public interface Ways {
    Way to(int offset);
  }

  private static final class Jump extends Op {
    private final Way way;

    Jump(Way way) {
      this.way = way;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      return way.go(cpu);
    }
  }

  private static final class JumpIf extends Op {
    private final int condition;
    private final Way taken;
    private final Way other;

    JumpIf(int condition, Way taken, Way other) {
      this.condition = condition;
      this.taken = taken;
      this.other = other;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      return cpu.holds(condition) ? taken.go(cpu) : other.go(cpu);
    }
  }

  /// JE; the other way round JNE.
  private static final class JumpIfZero extends Op {
    private final Way taken;
    private final Way other;

    JumpIfZero(Way taken, Way other) {
      this.taken = taken;
      this.other = other;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      return cpu.isZero() ? taken.go(cpu) : other.go(cpu);
    }
  }

  /// A branch that is no link: it sets RIP and leaves.
  private abstract static class Leaving extends Op {
    final Mode mode;
    final int bytes;
    private final int displacement;

    Leaving(Context c) {
      mode = c.mode();
      bytes = c.instruction().operandBytes();
      displacement = (int) c.instruction().immediate();
    }

    final long following(Cpu cpu) {
      return cpu.get(Slots.PAGE) + end() & Ip.mask(mode);
    }

    final @Nullable Op go(Cpu cpu, long target) {
      Ip.go(cpu, mode, bytes, target);
      return null;
    }

    final @Nullable Op relative(Cpu cpu) {
      return go(cpu, following(cpu) + displacement);
    }

    final @Nullable Op stay(Cpu cpu) {
      cpu.set(Slots.RIP, following(cpu));
      return null;
    }
  }

  private static final class JumpFar extends Leaving {
    JumpFar(Context c) {
      super(c);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      return relative(cpu);
    }
  }

  private static final class JumpIfFar extends Leaving {
    private final int condition;

    JumpIfFar(int condition, Context c) {
      super(c);
      this.condition = condition;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      return cpu.holds(condition) ? relative(cpu) : stay(cpu);
    }
  }

  private static final class JumpTo extends Leaving {
    private final Loc target;

    JumpTo(Context c, Loc target) {
      super(c);
      this.target = target;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      return go(cpu, target.unsigned(cpu));
    }

    @Override
    public boolean isOnStack() {
      return target.isOnStack();
    }
  }

  /// Of 64-bit mode.
  private static final class Call extends Op {
    private final Way way;
    private final int displacement;

    Call(Way way, Context c) {
      this.way = way;
      this.displacement = (int) c.instruction().immediate();
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long following = cpu.get(Slots.PAGE) + end();
      Ip.check(cpu, Mode.LONG, 8, following + displacement);
      long pointer = cpu.gpr(Cpu.RSP) - 8;
      cpu.store64(pointer, following);
      cpu.gpr(Cpu.RSP, pointer);
      return way.go(cpu);
    }

    @Override
    public boolean isOnStack() {
      return true;
    }
  }

  private static final class CallFar extends Leaving {
    private final Stack stack;
    private final int displacement;

    CallFar(Context c) {
      super(c);
      stack = Stack.of(c);
      displacement = (int) c.instruction().immediate();
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long following = following(cpu);
      Ip.check(cpu, mode, bytes, following + displacement);
      stack.push(cpu, bytes, following);
      return go(cpu, following + displacement);
    }

    @Override
    public boolean isOnStack() {
      return true;
    }
  }

  private static final class CallTo extends Leaving {
    private final Stack stack;
    private final Loc target;

    CallTo(Context c, Loc target) {
      super(c);
      this.stack = Stack.of(c);
      this.target = target;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long to = target.readBesideStack(cpu) << target.shift >>> target.shift;
      Ip.check(cpu, mode, bytes, to);
      stack.push(cpu, bytes, following(cpu));
      return go(cpu, to);
    }

    @Override
    public boolean isOnStack() {
      return true;
    }
  }

  /// Of 64-bit mode, with nothing to drop.
  private static final class Return extends Op {
    @Override
    public @Nullable Op exec(Cpu cpu) {
      long pointer = cpu.gpr(Cpu.RSP);
      long target = cpu.load64(pointer);
      Ip.go(cpu, Mode.LONG, 8, target);
      cpu.gpr(Cpu.RSP, pointer + 8);
      return null;
    }

    @Override
    public boolean isOnStack() {
      return true;
    }
  }

  private static final class ReturnAnyway extends Leaving {
    private final Stack stack;
    private final long drop;

    ReturnAnyway(Context c) {
      super(c);
      stack = Stack.of(c);
      drop = c.operands() == 0 ? 0 : c.instruction().immediate();
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      Ip.go(cpu, mode, bytes, stack.top(cpu, bytes));
      stack.drop(cpu, bytes + drop);
      return null;
    }

    @Override
    public boolean isOnStack() {
      return true;
    }
  }

  /// LOOP, LOOPE, LOOPNE and JrCXZ: the count register has the address size.
  private static final class Loop extends Leaving {
    private final Loc.Register count;
    private final String mnemonic;

    Loop(Context c) {
      super(c);
      count = Loc.Register.of(Cpu.RCX, c.instruction().addressBytes());
      mnemonic = c.mnemonic();
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      if (mnemonic.startsWith("j")) {
        return count.unsigned(cpu) == 0 ? relative(cpu) : stay(cpu);
      }
      long left = count.read(cpu) - 1;
      boolean again = count.sign(left) != 0 && isEqualAsWanted(cpu);
      if (again) {
        Ip.check(cpu, mode, bytes, following(cpu));
      }
      count.write(cpu, 0, left);
      return again ? relative(cpu) : stay(cpu);
    }

    private boolean isEqualAsWanted(Cpu cpu) {
      boolean zero = (cpu.status() & Flags.ZF) != 0;
      return mnemonic.equals("loop") || zero == mnemonic.equals("loope");
    }
  }
}
