package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.table.Kind;
import org.jspecify.annotations.Nullable;

/// PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER and LEAVE (SDM 2).
final class StackOps {
  private StackOps() {}

  static Op push(Context c) {
    int size = c.instruction().operandBytes();
    if (c.kind(0) == Kind.SEGMENT) {
      int segment = c.instruction().form().operands().getFirst().register();
      return new PushSelector(Stack.of(c), size, segment);
    }
    Loc from = c.loc(0);
    if (c.mode().isLong() && size == 8 && from instanceof Loc.Register r) {
      return new PushRegister(r.number);
    }
    return new Push(Stack.of(c), size, from);
  }

  static Op pop(Context c) {
    int size = c.instruction().operandBytes();
    Loc to = c.loc(0);
    if (c.mode().isLong() && size == 8 && to instanceof Loc.Register r) {
      return new PopRegister(r.number);
    } else if (to instanceof Loc.Memory m) {
      return new PopMemory(Stack.of(c), m, size, c.instruction().base() == Cpu.RSP);
    }
    return new Pop(Stack.of(c), size, to);
  }

  static Op pusha(Context c) {
    return new PushAll(Stack.of(c), c.instruction().operandBytes());
  }

  static Op popa(Context c) {
    return new PopAll(Stack.of(c), c.instruction().operandBytes());
  }

  static Op pushf(Context c) {
    return new PushFlags(Stack.of(c), c.instruction().operandBytes());
  }

  static Op enter(Context c) {
    return new Enter(Stack.of(c), c.instruction());
  }

  static Op leave(Context c) {
    return new Leave(Stack.of(c), c.instruction().operandBytes());
  }

  private abstract static class OnStack extends Op {
    final Stack stack;
    final int size;

    OnStack(Stack stack, int size) {
      this.stack = stack;
      this.size = size;
    }

    @Override
    public final boolean isOnStack() {
      return true;
    }
  }

  private static final class PushRegister extends Op {
    private final int from;

    PushRegister(int from) {
      this.from = from;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long pointer = cpu.gpr(Cpu.RSP) - 8;
      cpu.store64(pointer, cpu.gpr(from));
      cpu.gpr(Cpu.RSP, pointer);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return true;
    }
  }

  private static final class PopRegister extends Op {
    private final int to;

    PopRegister(int to) {
      this.to = to;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long pointer = cpu.gpr(Cpu.RSP);
      long value = cpu.load64(pointer);
      cpu.gpr(Cpu.RSP, pointer + 8);
      cpu.gpr(to, value);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return true;
    }
  }

  private static final class Push extends OnStack {
    private final Loc from;

    Push(Stack stack, int size, Loc from) {
      super(stack, size);
      this.from = from;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      stack.push(cpu, size, from.readBesideStack(cpu));
      return next;
    }
  }

  /// Selectors are pushed zero-extended, but with an operand size of 32 bits stored as the word
  /// that they are (SDM 2, PUSH: "all recent Intel Core and Intel Atom processors").
  private static final class PushSelector extends OnStack {
    private final int segment;

    PushSelector(Stack stack, int size, int segment) {
      super(stack, size);
      this.segment = segment;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      stack.push(cpu, size, size == 4 ? 2 : size, cpu.selector(segment));
      return next;
    }
  }

  private static final class Pop extends OnStack {
    private final Loc to;

    Pop(Stack stack, int size, Loc to) {
      super(stack, size);
      this.to = to;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long value = stack.top(cpu, size);
      stack.drop(cpu, size);
      to.write(cpu, 0, value);
      return next;
    }
  }

  /// The target's address is computed with rSP already moved if rSP is in it (SDM 2, POP).
  private static final class PopMemory extends OnStack {
    private final Loc.Memory to;
    private final boolean isRelative;

    PopMemory(Stack stack, Loc.Memory to, int size, boolean isRelative) {
      super(stack, size);
      this.to = to;
      this.isRelative = isRelative;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long value = stack.top(cpu, size);
      long delta = isRelative ? size : 0;
      to.writeBesideStack(cpu, to.ea.displaced(cpu, delta, size, true), value);
      stack.drop(cpu, size);
      return next;
    }
  }

  private static final class PushAll extends OnStack {
    PushAll(Stack stack, int size) {
      super(stack, size);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long pointer = stack.pointer(cpu);
      for (int i = 1; i <= 8; i++) {
        cpu.probeStore(stack.address(cpu, pointer - (long) i * size, size, true), size);
      }
      for (int i = 1; i <= 8; i++) {
        cpu.store(stack.address(cpu, pointer - (long) i * size, size, true), size, cpu.gpr(i - 1));
      }
      stack.pointer(cpu, pointer - 8L * size);
      return next;
    }
  }

  private static final class PopAll extends OnStack {
    PopAll(Stack stack, int size) {
      super(stack, size);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long[] values = new long[8];
      for (int i = 0; i < 8; i++) {
        values[i] = stack.peek(cpu, (long) i * size, size);
      }
      stack.drop(cpu, 8L * size);
      for (int i = 0; i < 8; i++) {
        int register = 7 - i;
        if (register != Cpu.RSP) {
          cpu.put(register, values[i], 64 - 8 * size);
        }
      }
      return next;
    }
  }

  /// VM and RF are pushed as zero; virtual-8086 mode needs IOPL 3.
  private static final class PushFlags extends OnStack {
    PushFlags(Stack stack, int size) {
      super(stack, size);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      if (cpu.flag(Flags.VM) && (cpu.get(Slots.SYSTEM_FLAGS) & Flags.IOPL) != Flags.IOPL) {
        throw cpu.fault(CpuFault.GP);
      }
      stack.push(cpu, size, cpu.rflags() & ~(long) (Flags.VM | Flags.RF));
      return next;
    }
  }

  private static final class Enter extends OnStack {
    private final int bytes;
    private final int level;

    Enter(Stack stack, Instruction i) {
      super(stack, i.operandBytes());
      bytes = (int) i.immediate() & 0xFFFF;
      level = i.secondImmediate() & 31;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long frame = stack.pointer(cpu) - size;
      long last = frame - (long) level * size - bytes;
      long base = cpu.gpr(Cpu.RBP);
      check(cpu, frame, base, last);
      cpu.store(stack.address(cpu, frame, size, true), size, base);
      for (int i = 1; i <= level; i++) {
        long link = i < level ? loadLink(cpu, base, i) : frame;
        cpu.store(stack.address(cpu, frame - (long) i * size, size, true), size, link);
      }
      stack.pointer(cpu, last);
      cpu.put(Cpu.RBP, frame, 64 - 8 * size);
      return next;
    }

    /// Makes all accesses once, so that nothing has changed when one of them faults.
    private void check(Cpu cpu, long frame, long base, long last) {
      probe(cpu, frame);
      for (int i = 1; i <= level; i++) {
        if (i < level) {
          long unused = loadLink(cpu, base, i);
        }
        probe(cpu, frame - (long) i * size);
      }
      probe(cpu, last);
    }

    /// A frame pointer of the enclosing procedures; the stores before it may have changed it.
    private long loadLink(Cpu cpu, long base, int number) {
      return cpu.load(stack.address(cpu, base - (long) number * size, size, false), size);
    }

    private void probe(Cpu cpu, long offset) {
      cpu.probeStore(stack.address(cpu, offset, size, true), size);
    }
  }

  private static final class Leave extends OnStack {
    Leave(Stack stack, int size) {
      super(stack, size);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long base = cpu.gpr(Cpu.RBP);
      long value = cpu.load(stack.address(cpu, base, size, false), size);
      stack.pointer(cpu, base + size);
      cpu.put(Cpu.RBP, value, 64 - 8 * size);
      return next;
    }
  }
}
