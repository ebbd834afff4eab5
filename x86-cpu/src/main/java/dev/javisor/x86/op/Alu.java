package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// ADD, OR, ADC, SBB, AND, SUB, XOR, CMP and TEST (SDM 2, 3 to 4), in the shapes that make up most
/// of any program: register with register, immediate or memory. The rest is [AluAnywhere].
final class Alu {
  private Alu() {}

  // Operands and results are sign-extended from the operation's width by `shift`.

  static long add(Cpu cpu, long a, long b, int shift) {
    long result = a + b << shift >> shift;
    cpu.flagsOfAdd(a, b, result);
    return result;
  }

  static long adc(Cpu cpu, long a, long b, int shift) {
    long result = a + b + (cpu.carry() ? 1 : 0) << shift >> shift;
    cpu.flagsOfAdd(a, b, result);
    return result;
  }

  static long sub(Cpu cpu, long a, long b, int shift) {
    long result = a - b << shift >> shift;
    cpu.flagsOfSub(a, b, result);
    return result;
  }

  static long sbb(Cpu cpu, long a, long b, int shift) {
    long result = a - b - (cpu.carry() ? 1 : 0) << shift >> shift;
    cpu.flagsOfSbb(a, b, result);
    return result;
  }

  static long and(Cpu cpu, long a, long b) {
    long result = a & b;
    cpu.flagsOfResult(result, 0);
    return result;
  }

  static long or(Cpu cpu, long a, long b) {
    long result = a | b;
    cpu.flagsOfResult(result, 0);
    return result;
  }

  static long xor(Cpu cpu, long a, long b) {
    long result = a ^ b;
    cpu.flagsOfResult(result, 0);
    return result;
  }

  static long inc(Cpu cpu, long a, int shift) {
    long result = a + 1 << shift >> shift;
    cpu.flagsOfInc(a, result);
    return result;
  }

  static long dec(Cpu cpu, long a, int shift) {
    long result = a - 1 << shift >> shift;
    cpu.flagsOfDec(a, result);
    return result;
  }

  static long neg(Cpu cpu, long a, int shift) {
    return sub(cpu, 0, a, shift);
  }

  /// INC, DEC, NEG and NOT.
  static Op ofOne(Context c) {
    if (c.loc(0) instanceof Loc.Register r) {
      return switch (c.mnemonic()) {
        case "inc" -> new Inc(r);
        case "dec" -> new Dec(r);
        case "neg" -> new Neg(r);
        default -> new Not(r);
      };
    }
    return AluAnywhere.ofOne(c);
  }

  static Op of(Context c) {
    Loc to = c.loc(0);
    Loc from = c.loc(1);
    if (to instanceof Loc.Register r && !(from instanceof Loc.HighByte)) {
      Op op = ofRegister(c.mnemonic(), r, from);
      if (op != null) {
        return op;
      }
    }
    boolean isLocked = c.instruction().isLocked();
    return to instanceof Loc.Memory m && !isLocked && !(from instanceof Loc.HighByte)
        ? AluMemory.of(c, m, from)
        : AluAnywhere.of(c, to, from);
  }

  private static @Nullable Op ofRegister(String mnemonic, Loc.Register to, Loc from) {
    return switch (from) {
      case Loc.Register r -> withRegister(mnemonic, to, r);
      case Loc.Constant k -> withConstant(mnemonic, to, k.value);
      case Loc.Memory m -> withMemory(mnemonic, to, m);
      default -> null;
    };
  }

  private static @Nullable Op withRegister(String mnemonic, Loc.Register to, Loc.Register from) {
    return switch (mnemonic) {
      case "add" -> new AddRegister(to, from);
      case "sub" -> new SubRegister(to, from);
      case "cmp" -> new CmpRegister(to, from);
      case "and" -> new AndRegister(to, from);
      case "or" -> new OrRegister(to, from);
      case "xor" -> new XorRegister(to, from);
      case "test" -> new TestRegister(to, from);
      case "adc" -> new AdcRegister(to, from);
      case "sbb" -> new SbbRegister(to, from);
      default -> null;
    };
  }

  private static @Nullable Op withConstant(String mnemonic, Loc.Register to, long value) {
    return switch (mnemonic) {
      case "add" -> new AddConstant(to, value);
      case "sub" -> new SubConstant(to, value);
      case "cmp" -> new CmpConstant(to, value);
      case "and" -> new AndConstant(to, value);
      case "or" -> new OrConstant(to, value);
      case "xor" -> new XorConstant(to, value);
      case "test" -> new TestConstant(to, value);
      case "adc" -> new AdcConstant(to, value);
      default -> null;
    };
  }

  private static @Nullable Op withMemory(String mnemonic, Loc.Register to, Loc.Memory from) {
    return switch (mnemonic) {
      case "add" -> new AddMemory(to, from);
      case "sub" -> new SubMemory(to, from);
      case "cmp" -> new CmpMemory(to, from);
      case "and" -> new AndMemory(to, from);
      case "or" -> new OrMemory(to, from);
      case "xor" -> new XorMemory(to, from);
      default -> null;
    };
  }

  /// The target is a register.
  private abstract static class ToRegister extends Op {
    private final int number;
    final int shift;

    ToRegister(Loc.Register to) {
      number = to.number;
      shift = to.shift;
    }

    final long target(Cpu cpu) {
      return cpu.signed(number, shift);
    }

    final void put(Cpu cpu, long value) {
      cpu.put(number, value, shift);
    }
  }

  private abstract static class WithRegister extends ToRegister {
    private final int other;

    WithRegister(Loc.Register to, Loc.Register from) {
      super(to);
      other = from.number;
    }

    final long source(Cpu cpu) {
      return cpu.signed(other, shift);
    }
  }

  private abstract static class WithConstant extends ToRegister {
    final long value;

    WithConstant(Loc.Register to, long value) {
      super(to);
      this.value = value << to.shift >> to.shift;
    }
  }

  private abstract static class WithMemory extends ToRegister {
    private final Ea ea;
    private final int bytes;

    WithMemory(Loc.Register to, Loc.Memory from) {
      super(to);
      ea = from.ea;
      bytes = from.bytes();
    }

    final long source(Cpu cpu) {
      return cpu.load(ea.of(cpu, bytes), bytes) << shift >> shift;
    }

    @Override
    public final boolean isOnStack() {
      return ea.isOnStack();
    }
  }

  private static final class AddRegister extends WithRegister {
    AddRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, add(cpu, target(cpu), source(cpu), shift));
      return next;
    }
  }

  private static final class SubRegister extends WithRegister {
    SubRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, sub(cpu, target(cpu), source(cpu), shift));
      return next;
    }
  }

  private static final class CmpRegister extends WithRegister {
    CmpRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long a = target(cpu);
      long b = source(cpu);
      cpu.flagsOfSub(a, b, a - b << shift >> shift);
      return next;
    }
  }

  private static final class AndRegister extends WithRegister {
    AndRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, and(cpu, target(cpu), source(cpu)));
      return next;
    }
  }

  private static final class OrRegister extends WithRegister {
    OrRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, or(cpu, target(cpu), source(cpu)));
      return next;
    }
  }

  private static final class XorRegister extends WithRegister {
    XorRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, xor(cpu, target(cpu), source(cpu)));
      return next;
    }
  }

  private static final class TestRegister extends WithRegister {
    TestRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.flagsOfResult(target(cpu) & source(cpu), 0);
      return next;
    }
  }

  private static final class AdcRegister extends WithRegister {
    AdcRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, adc(cpu, target(cpu), source(cpu), shift));
      return next;
    }
  }

  private static final class AddConstant extends WithConstant {
    AddConstant(Loc.Register to, long value) {
      super(to, value);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, add(cpu, target(cpu), value, shift));
      return next;
    }
  }

  private static final class SubConstant extends WithConstant {
    SubConstant(Loc.Register to, long value) {
      super(to, value);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, sub(cpu, target(cpu), value, shift));
      return next;
    }
  }

  private static final class CmpConstant extends WithConstant {
    CmpConstant(Loc.Register to, long value) {
      super(to, value);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long a = target(cpu);
      long b = value;
      cpu.flagsOfSub(a, b, a - b << shift >> shift);
      return next;
    }
  }

  private static final class AndConstant extends WithConstant {
    AndConstant(Loc.Register to, long value) {
      super(to, value);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, and(cpu, target(cpu), value));
      return next;
    }
  }

  private static final class OrConstant extends WithConstant {
    OrConstant(Loc.Register to, long value) {
      super(to, value);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, or(cpu, target(cpu), value));
      return next;
    }
  }

  private static final class TestConstant extends WithConstant {
    TestConstant(Loc.Register to, long value) {
      super(to, value);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      cpu.flagsOfResult(target(cpu) & value, 0);
      return next;
    }
  }

  private static final class AdcConstant extends WithConstant {
    AdcConstant(Loc.Register to, long value) {
      super(to, value);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, adc(cpu, target(cpu), value, shift));
      return next;
    }
  }

  private static final class AddMemory extends WithMemory {
    AddMemory(Loc.Register to, Loc.Memory from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, add(cpu, target(cpu), source(cpu), shift));
      return next;
    }
  }

  private static final class SubMemory extends WithMemory {
    SubMemory(Loc.Register to, Loc.Memory from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, sub(cpu, target(cpu), source(cpu), shift));
      return next;
    }
  }

  private static final class CmpMemory extends WithMemory {
    CmpMemory(Loc.Register to, Loc.Memory from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      long a = target(cpu);
      long b = source(cpu);
      cpu.flagsOfSub(a, b, a - b << shift >> shift);
      return next;
    }
  }

  private static final class AndMemory extends WithMemory {
    AndMemory(Loc.Register to, Loc.Memory from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, and(cpu, target(cpu), source(cpu)));
      return next;
    }
  }

  private static final class OrMemory extends WithMemory {
    OrMemory(Loc.Register to, Loc.Memory from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, or(cpu, target(cpu), source(cpu)));
      return next;
    }
  }

  private static final class XorMemory extends WithMemory {
    XorMemory(Loc.Register to, Loc.Memory from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, xor(cpu, target(cpu), source(cpu)));
      return next;
    }
  }

  private static final class SbbRegister extends WithRegister {
    SbbRegister(Loc.Register to, Loc.Register from) {
      super(to, from);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, sbb(cpu, target(cpu), source(cpu), shift));
      return next;
    }
  }

  private static final class XorConstant extends WithConstant {
    XorConstant(Loc.Register to, long value) {
      super(to, value);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, xor(cpu, target(cpu), value));
      return next;
    }
  }

  private static final class Inc extends ToRegister {
    Inc(Loc.Register to) {
      super(to);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, inc(cpu, target(cpu), shift));
      return next;
    }
  }

  private static final class Dec extends ToRegister {
    Dec(Loc.Register to) {
      super(to);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, dec(cpu, target(cpu), shift));
      return next;
    }
  }

  private static final class Neg extends ToRegister {
    Neg(Loc.Register to) {
      super(to);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, neg(cpu, target(cpu), shift));
      return next;
    }
  }

  private static final class Not extends ToRegister {
    Not(Loc.Register to) {
      super(to);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      put(cpu, ~target(cpu));
      return next;
    }
  }
}
