package dev.javisor.x86.table;

/// Where an operand is: the first letter of the manual's operand codes (SDM 2, A.2.1), and the
/// places that an instruction names itself.
public enum Kind {
  /// General register or memory, by ModRM's mod and rm.
  E,
  /// General register, by ModRM's reg.
  G,
  /// Memory, by mod and rm.
  M,
  /// General register, by rm.
  R,
  /// MMX register, by reg.
  P,
  /// MMX register or memory, by mod and rm.
  Q,
  /// MMX register, by rm.
  N,
  /// XMM register, by reg.
  V,
  /// XMM register or memory, by mod and rm.
  W,
  /// XMM register, by rm.
  U,
  /// Segment register, by reg.
  S,
  /// Control register, by reg.
  C,
  /// Debug register, by reg.
  D,
  /// General register, by the opcode's last three bits and REX.B.
  Z,
  /// Immediate.
  I,
  /// Relative branch target.
  J,
  /// Far pointer in the instruction.
  A,
  /// Memory by an address in the instruction.
  O,
  /// Memory at rSI, DS unless overridden.
  X,
  /// Memory at rDI, always ES.
  Y,

  /// The general register that the row names.
  GENERAL,
  /// AH, CH, DH or BH, by the number of the byte's own register.
  HIGH_BYTE,
  /// The segment register that the row names.
  SEGMENT,
  /// ST(i), i as the row says.
  ST,
  /// ST(i), i by rm.
  ST_RM,
  /// The constant 1 of a shift.
  ONE,
  /// Memory at a register that the row names: the stack, XLAT's table, MASKMOVQ's target.
  AT;

  /// Whether the operand is found through ModRM.
  boolean usesModrm() {
    return compareTo(D) <= 0 || this == ST_RM;
  }
}
