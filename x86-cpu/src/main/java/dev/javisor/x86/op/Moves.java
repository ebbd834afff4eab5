package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// MOV and what extends, exchanges or selects (SDM 2: MOV, MOVSX, MOVZX, LEA, XCHG, BSWAP, CMOVcc,
/// SETcc, CBW, CWD, XLAT).
final class Moves {
  private Moves() {}

  static Op mov(Context c) {
    Loc to = c.loc(0);
    Loc from = c.loc(1);
    if (to instanceof Loc.Register r) {
      return switch (from) {
        case Loc.Constant k -> new SetRegister(r, k.value);
        case Loc.Register s -> r.bytes() == 8 ? new Copy64(r, s) : new CopyRegister(r, s);
        case Loc.Memory m -> load(r, m);
        default -> new Copy(r, from);
      };
    } else if (to instanceof Loc.Memory m && from instanceof Loc.Register s) {
      return store(m, s);
    } else if (to instanceof Loc.Memory m && from instanceof Loc.Constant k) {
      return new StoreConstant(m, k.value);
    }
    return new Copy(to, from);
  }

  /// Sign-extends by reading.
  static Op movsx(Context c) {
    if (c.loc(0) instanceof Loc.Register r) {
      return switch (c.loc(1)) {
        case Loc.Register s -> new ExtendRegister(r, s);
        case Loc.Memory m -> new ExtendMemory(r, m);
        default -> new Copy(r, c.loc(1));
      };
    }
    return new Copy(c.loc(0), c.loc(1));
  }

  static Op movzx(Context c) {
    if (c.loc(0) instanceof Loc.Register r) {
      return switch (c.loc(1)) {
        case Loc.Memory m -> load(r, m);
        case Loc.Register s -> new ZeroExtend(r, s);
        default -> new CopyUnsigned(r, c.loc(1));
      };
    }
    return new CopyUnsigned(c.loc(0), c.loc(1));
  }

  private static Op load(Loc.Register to, Loc.Memory from) {
    if (to.bytes() < 4) {
      return new LoadRegister(to, from);
    }
    return switch (from.bytes()) {
      case 4 -> new Load32(to, from);
      case 8 -> new Load64(to, from);
      default -> new LoadRegister(to, from);
    };
  }

  private static Op store(Loc.Memory to, Loc.Register from) {
    return switch (to.bytes()) {
      case 4 -> new Store32(to, from);
      case 8 -> new Store64(to, from);
      default -> new StoreRegister(to, from);
    };
  }

  static Op lea(Context c) {
    return new Lea((Loc.Register) c.loc(0), c.ea());
  }

  static Op xchg(Context c) {
    Loc one = c.loc(0);
    return one.isMemory()
        ? new ExchangeMemory(one, c.loc(1))
        : new ExchangeRegisters(one, c.loc(1));
  }

  static Op bswap(Context c) {
    return new ByteSwap((Loc.Register) c.loc(0));
  }

  static Op cmov(Context c) {
    return new MoveIf((Loc.Register) c.loc(0), c.loc(1), c.instruction().opcode() & 15);
  }

  static Op set(Context c) {
    return new SetIf(c.loc(0), c.instruction().opcode() & 15);
  }

  /// CBW, CWDE, CDQE: the accumulator's lower half sign-extended.
  static Op extendAccumulator(Context c) {
    int bytes = c.instruction().operandBytes();
    return new Copy(Loc.Register.of(Cpu.RAX, bytes), Loc.Register.of(Cpu.RAX, bytes / 2));
  }

  /// CWD, CDQ, CQO: the accumulator's sign all over rDX.
  static Op spreadSign(Context c) {
    int bytes = c.instruction().operandBytes();
    return new SpreadSign(Loc.Register.of(Cpu.RDX, bytes), Loc.Register.of(Cpu.RAX, bytes));
  }

  static Op xlat(Context c) {
    return new Translate(c.at(Cpu.RBX, -1));
  }

  private static final class SetRegister extends Op {
    private final Loc.Register to;
    private final long value;

    SetRegister(Loc.Register to, long value) {
      this.to = to;
      this.value = value;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.put(to.number, value, to.shift);
      return next;
    }
  }

  private static final class Copy64 extends Op {
    private final int to;
    private final int from;

    Copy64(Loc.Register to, Loc.Register from) {
      this.to = to.number;
      this.from = from.number;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.gpr(to, cpu.gpr(from));
      return next;
    }
  }

  private static final class CopyRegister extends Op {
    private final int to;
    private final int shift;
    private final int from;

    CopyRegister(Loc.Register to, Loc.Register from) {
      this.to = to.number;
      shift = to.shift;
      this.from = from.number;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.put(to, cpu.gpr(from), shift);
      return next;
    }
  }

  /// MOV and MOVZX: loads come zero-extended, and the register takes what it has room for.
  private static final class LoadRegister extends Op {
    private final int to;
    private final int shift;
    private final Ea ea;
    private final int bytes;

    LoadRegister(Loc.Register to, Loc.Memory from) {
      this.to = to.number;
      shift = to.shift;
      ea = from.ea;
      bytes = from.bytes();
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.put(to, cpu.load(ea.of(cpu, bytes), bytes), shift);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class StoreRegister extends Op {
    private final Ea ea;
    private final int bytes;
    private final int from;

    StoreRegister(Loc.Memory to, Loc.Register from) {
      ea = to.ea;
      bytes = to.bytes();
      this.from = from.number;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.store(ea.forWrite(cpu, bytes), bytes, cpu.gpr(from));
      return next;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class Copy extends Op {
    private final Loc to;
    private final Loc from;

    Copy(Loc to, Loc from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long value = from.read(cpu);
      to.write(cpu, to.addressForWrite(cpu), value);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return to.isOnStack() || from.isOnStack();
    }
  }

  private static final class CopyUnsigned extends Op {
    private final Loc to;
    private final Loc from;

    CopyUnsigned(Loc to, Loc from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      to.write(cpu, 0, from.unsigned(cpu));
      return next;
    }
  }

  private static final class Lea extends Op {
    private final Loc.Register to;
    private final Ea ea;

    Lea(Loc.Register to, Ea ea) {
      this.to = to;
      this.ea = ea;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.put(to.number, ea.offset(cpu), to.shift);
      return next;
    }
  }

  private static final class ExchangeRegisters extends Op {
    private final Loc one;
    private final Loc other;

    ExchangeRegisters(Loc one, Loc other) {
      this.one = one;
      this.other = other;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long value = one.read(cpu);
      one.write(cpu, 0, other.read(cpu));
      other.write(cpu, 0, value);
      return next;
    }
  }

  /// Always atomic (SDM 2, XCHG).
  private static final class ExchangeMemory extends Op {
    private final Loc memory;
    private final Loc register;

    ExchangeMemory(Loc memory, Loc register) {
      this.memory = memory;
      this.register = register;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long address = memory.addressForWrite(cpu);
      long value = register.read(cpu);
      long old;
      do {
        old = memory.read(cpu, address);
      } while (!Atomic.compareAndSet(cpu, address, memory.bytes(), old, value));
      register.write(cpu, 0, old);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return memory.isOnStack();
    }
  }

  /// Of 16 bits the result is undefined; processors clear them (SDM 2, BSWAP).
  private static final class ByteSwap extends Op {
    private final Loc.Register register;

    ByteSwap(Loc.Register register) {
      this.register = register;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long swapped = Long.reverseBytes(cpu.gpr(register.number)) >>> register.shift;
      long value = register.bytes() == 2 ? 0 : swapped;
      cpu.put(register.number, value, register.shift);
      return next;
    }
  }

  /// Reads its source and, of 32 bits, clears the upper half whether the condition holds or not.
  private static final class MoveIf extends Op {
    private final Loc.Register to;
    private final Loc from;
    private final int condition;

    MoveIf(Loc.Register to, Loc from, int condition) {
      this.to = to;
      this.from = from;
      this.condition = condition;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long value = from.read(cpu);
      cpu.put(to.number, cpu.holds(condition) ? value : cpu.gpr(to.number), to.shift);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return from.isOnStack();
    }
  }

  private static final class SetIf extends Op {
    private final Loc to;
    private final int condition;

    SetIf(Loc to, int condition) {
      this.to = to;
      this.condition = condition;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      to.write(cpu, to.addressForWrite(cpu), cpu.holds(condition) ? 1 : 0);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return to.isOnStack();
    }
  }

  private static final class SpreadSign extends Op {
    private final Loc.Register to;
    private final Loc.Register from;

    SpreadSign(Loc.Register to, Loc.Register from) {
      this.to = to;
      this.from = from;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.put(to.number, cpu.signed(from.number, from.shift) >> 63, to.shift);
      return next;
    }
  }

  private static final class Translate extends Op {
    private final Ea table;

    Translate(Ea table) {
      this.table = table;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long offset = (table.offset(cpu) + (cpu.gpr(Cpu.RAX) & 0xFF)) & table.mask();
      cpu.put(Cpu.RAX, cpu.load8(table.at(cpu, offset, 1, false)), 56);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return table.isOnStack();
    }
  }

  private static final class Load32 extends Op {
    private final int to;
    private final Ea ea;

    Load32(Loc.Register to, Loc.Memory from) {
      this.to = to.number;
      ea = from.ea;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.gpr(to, cpu.load32(ea.of(cpu, 4)));
      return next;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class Store32 extends Op {
    private final Ea ea;
    private final int from;

    Store32(Loc.Memory to, Loc.Register from) {
      ea = to.ea;
      this.from = from.number;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.store32(ea.forWrite(cpu, 4), cpu.gpr(from));
      return next;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class Load64 extends Op {
    private final int to;
    private final Ea ea;

    Load64(Loc.Register to, Loc.Memory from) {
      this.to = to.number;
      ea = from.ea;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.gpr(to, cpu.load64(ea.of(cpu, 8)));
      return next;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class Store64 extends Op {
    private final Ea ea;
    private final int from;

    Store64(Loc.Memory to, Loc.Register from) {
      ea = to.ea;
      this.from = from.number;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.store64(ea.forWrite(cpu, 8), cpu.gpr(from));
      return next;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class StoreConstant extends Op {
    private final Ea ea;
    private final int bytes;
    private final long value;

    StoreConstant(Loc.Memory to, long value) {
      ea = to.ea;
      bytes = to.bytes();
      this.value = value;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.store(ea.forWrite(cpu, bytes), bytes, value);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class ExtendRegister extends Op {
    private final Loc.Register to;
    private final int from;
    private final int shift;

    ExtendRegister(Loc.Register to, Loc.Register from) {
      this.to = to;
      this.from = from.number;
      this.shift = from.shift;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.put(to.number, cpu.signed(from, shift), to.shift);
      return next;
    }
  }

  private static final class ZeroExtend extends Op {
    private final Loc.Register to;
    private final int from;
    private final long mask;

    ZeroExtend(Loc.Register to, Loc.Register from) {
      this.to = to;
      this.from = from.number;
      this.mask = -1L >>> from.shift;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.put(to.number, cpu.gpr(from) & mask, to.shift);
      return next;
    }
  }

  private static final class ExtendMemory extends Op {
    private final Loc.Register to;
    private final Ea ea;
    private final int bytes;
    private final int shift;

    ExtendMemory(Loc.Register to, Loc.Memory from) {
      this.to = to;
      this.ea = from.ea;
      this.bytes = from.bytes();
      this.shift = from.shift;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long value = cpu.load(ea.of(cpu, bytes), bytes) << shift >> shift;
      cpu.put(to.number, value, to.shift);
      return next;
    }

    @Override
    public boolean isOnStack() {
      return ea.isOnStack();
    }
  }
}
