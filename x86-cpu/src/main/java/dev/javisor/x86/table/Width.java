package dev.javisor.x86.table;

/// How wide an operand is: the second letter of the manual's operand codes (SDM 2, A.2.2), with
/// a few of our own.
public enum Width {
  NONE,
  B,
  W,
  D,
  Q,
  /// 10 bytes: an x87 register's.
  T,
  /// 16 bytes; the manual's dq.
  X,
  /// The operand size.
  V,
  /// The operand size, but 4 where that is 8.
  Z,
  /// 8 with an operand size of 8, else 4.
  Y,
  /// Half the operand size: what CBW extends.
  H,
  /// The address size, of a count or an index.
  ADDRESS,
  /// The width of the stack pointer.
  STACK,
  /// A far pointer: a selector behind an offset of the operand size.
  P,
  /// BOUND's pair.
  A,
  /// A pseudo-descriptor: a limit and an address of 4 bytes, or 8 in 64-bit mode.
  S,
  /// CMPXCHG8B's or CMPXCHG16B's.
  PAIR,
  /// FLDENV's 14 or 28 bytes.
  ENV,
  /// FRSTOR's 94 or 108 bytes.
  FP,
  /// FXSAVE's 512 bytes.
  FX;

  /// @param operand the operand size in bytes: 2, 4 or 8
  /// @param address the address size in bytes
  /// @param stack the width of the stack pointer in bytes: SS.B, or 8 in 64-bit mode
  public int bytes(int operand, int address, int stack) {
    return switch (this) {
      case NONE -> 0;
      case B -> 1;
      case W -> 2;
      case D -> 4;
      case Q -> 8;
      case T -> 10;
      case X -> 16;
      case V -> operand;
      case Z -> Math.min(operand, 4);
      case Y -> Math.max(operand, 4);
      case H -> operand / 2;
      case ADDRESS -> address;
      case STACK -> stack;
      case P -> operand + 2;
      case A -> operand * 2;
      case S -> stack == 8 ? 10 : 6;
      case PAIR -> operand == 8 ? 16 : 8;
      case ENV -> operand == 2 ? 14 : 28;
      case FP -> operand == 2 ? 94 : 108;
      case FX -> 512;
    };
  }
}
