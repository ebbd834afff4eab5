package dev.javisor.x86.op.vector;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.table.Kind;
import dev.javisor.x86.table.Operand;

/// Which registers an instruction's operands are, and where.
final class Registers {
  private Registers() {}

  /// Whether an MMX register is among the operands: EMMS has none and is one.
  static boolean usesMmx(Context c) {
    for (Operand operand : c.instruction().form().operands()) {
      if (isMmx(c, operand.kind())) {
        return true;
      }
    }
    return c.operands() == 0;
  }

  static boolean usesXmm(Context c) {
    for (Operand operand : c.instruction().form().operands()) {
      if (isXmm(c, operand.kind())) {
        return true;
      }
    }
    return false;
  }

  static boolean isMmx(Context c, int number) {
    return isMmx(c, c.kind(number));
  }

  private static boolean isMmx(Context c, Kind kind) {
    return kind == Kind.P || kind == Kind.N || (kind == Kind.Q && !c.instruction().isMemory());
  }

  private static boolean isXmm(Context c, Kind kind) {
    return kind == Kind.V || kind == Kind.U || (kind == Kind.W && !c.instruction().isMemory());
  }

  /// Whether operand `number` is an MMX or XMM register.
  static boolean isVector(Context c, int number) {
    return isMmx(c, c.kind(number)) || isXmm(c, c.kind(number));
  }

  /// The slot of operand `number`, an MMX or XMM register.
  static int slot(Context c, int number) {
    Kind kind = c.kind(number);
    Instruction i = c.instruction();
    int register = kind == Kind.P || kind == Kind.V ? i.reg() : i.rm();
    return isMmx(c, kind) ? X87.mmx(register & 7) : xmm(register);
  }

  static int xmm(int register) {
    return Slots.XMM + 16 * register;
  }
}
