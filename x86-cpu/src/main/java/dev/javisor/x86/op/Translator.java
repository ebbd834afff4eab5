package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Kind;
import org.jspecify.annotations.Nullable;

/// Picks the operation for an instruction. Any thread.
public final class Translator {
  private Translator() {}

  /// @param instruction decoded for the mode it will run in
  /// @param offset where in its page it begins
  /// @param isFlat whether the mode's segments are all of memory
  /// @param ways makes the ways to places in the code
  public static Op translate(
      Instruction instruction, int offset, boolean isFlat, Branches.Ways ways) {
    Context c = new Context(instruction, offset, isFlat);
    Op op = translate(c, ways);
    if (op == null) {
      throw new IllegalStateException("no operation for " + instruction);
    }
    return op.at(offset, instruction.length());
  }

  private static @Nullable Op translate(Context c, Branches.Ways ways) {
    Op op = SystemOps.of(c);
    if (op == null) {
      op = integer(c, ways);
    }
    return op != null ? op : VectorOps.of(c);
  }

  private static @Nullable Op integer(Context c, Branches.Ways ways) {
    String mnemonic = c.mnemonic();
    if (c.instruction().form().is(Attribute.HINT) || isNothing(mnemonic)) {
      return new Nothing();
    }
    return switch (mnemonic) {
      case "add", "or", "adc", "sbb", "and", "sub", "xor", "cmp", "test" -> Alu.of(c);
      case "inc", "dec", "neg", "not" -> Alu.ofOne(c);
      case "mov" -> isSystemMove(c) ? null : Moves.mov(c);
      case "movnti" -> Moves.mov(c);
      case "movzx" -> Moves.movzx(c);
      case "movsx", "movsxd" -> Moves.movsx(c);
      case "lea" -> Moves.lea(c);
      case "xchg" -> Moves.xchg(c);
      case "bswap" -> Moves.bswap(c);
      case "cbw", "cwde", "cdqe" -> Moves.extendAccumulator(c);
      case "cwd", "cdq", "cqo" -> Moves.spreadSign(c);
      case "xlat" -> Moves.xlat(c);
      case "rol", "ror", "rcl", "rcr", "shl", "shr", "sar", "shld", "shrd" -> Shifts.of(c);
      case "mul", "div", "idiv" -> Multiply.wide(c);
      case "imul" -> Multiply.imul(c);
      case "bt", "bts", "btr", "btc" -> Bits.test(c);
      case "bsf", "bsr" -> Bits.scan(c);
      case "popcnt" -> Bits.count(c);
      case "xadd" -> Exchange.xadd(c);
      case "cmpxchg" -> Exchange.cmpxchg(c);
      case "cmpxchg8b", "cmpxchg16b" -> Exchange.pair(c);
      case "clc", "stc", "cmc", "cld", "std", "lahf", "sahf", "salc" -> FlagOps.of(c);
      case "aaa", "aas", "daa", "das", "aam", "aad" -> FlagOps.of(c);
      case "movsb", "movsw", "movsd", "movsq" -> isString(c) ? Strings.of(c) : null;
      case "cmpsb", "cmpsw", "cmpsd", "cmpsq" -> isString(c) ? Strings.of(c) : null;
      case "stosb", "stosw", "stosd", "stosq", "lodsb", "lodsw", "lodsd", "lodsq" -> Strings.of(c);
      case "scasb", "scasw", "scasd", "scasq" -> Strings.of(c);
      case "push" -> StackOps.push(c);
      case "pop" -> c.kind(0) == Kind.SEGMENT ? null : StackOps.pop(c);
      case "pusha", "pushad" -> StackOps.pusha(c);
      case "popa", "popad" -> StackOps.popa(c);
      case "pushf", "pushfd", "pushfq" -> StackOps.pushf(c);
      case "enter" -> StackOps.enter(c);
      case "leave" -> StackOps.leave(c);
      case "bound" -> new Bound(c);
      case "pause" -> new Pause();
      default -> branch(c, ways);
    };
  }

  private static @Nullable Op branch(Context c, Branches.Ways ways) {
    if (c.instruction().form().is(Attribute.FAR)) {
      return null;
    }
    return switch (c.mnemonic()) {
      case "jmp" -> Branches.jmp(c, ways);
      case "call" -> Branches.call(c, ways);
      case "ret" -> Branches.ret(c);
      case "loop", "loope", "loopne", "jcxz", "jecxz", "jrcxz" -> Branches.loop(c);
      default -> conditional(c, ways);
    };
  }

  private static @Nullable Op conditional(Context c, Branches.Ways ways) {
    String mnemonic = c.mnemonic();
    if (mnemonic.startsWith("cmov")) {
      return Moves.cmov(c);
    } else if (mnemonic.startsWith("set")) {
      return Moves.set(c);
    }
    return mnemonic.startsWith("j") ? Branches.jcc(c, ways) : null;
  }

  private static boolean isNothing(String mnemonic) {
    return switch (mnemonic) {
      case "nop", "lfence", "sfence" -> true;
      default -> false;
    };
  }

  private static boolean isString(Context c) {
    return c.operands() == 2 && (c.kind(0) == Kind.Y || c.kind(0) == Kind.X);
  }

  private static boolean isSystemMove(Context c) {
    return isSystem(c.kind(0)) || isSystem(c.kind(1));
  }

  private static boolean isSystem(Kind kind) {
    return kind == Kind.S || kind == Kind.C || kind == Kind.D;
  }
}
