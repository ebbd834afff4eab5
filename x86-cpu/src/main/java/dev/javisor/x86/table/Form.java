package dev.javisor.x86.table;

import java.util.List;
import java.util.Set;

/// One form of an opcode: what the executors have an implementation of, and what everything else
/// about an instruction hangs on.
///
/// @param id its place in [OpcodeTable#forms()]
/// @param opcode the row's first column, as the manual writes it
/// @param mnemonic in lower case
/// @param operands those an assembler would write, target first
/// @param implied those it would not
/// @param validRegisters for segment, control and debug registers: a bit for each that exists; any
///     other is `#UD`
/// @param immediate what follows ModRM and displacement
public record Form(
    int id,
    String opcode,
    String mnemonic,
    List<Operand> operands,
    List<Operand> implied,
    FlagEffects flags,
    Set<Attribute> attributes,
    int validRegisters,
    Immediate immediate) {

  /// Shapes of what stands at an instruction's end.
  public enum Immediate {
    NONE,
    /// A byte, sign-extended.
    B,
    /// A word, zero-extended: RET's.
    W,
    /// A word and a byte: ENTER's.
    WB,
    /// 2 or 4 bytes by operand size, sign-extended.
    Z,
    /// The operand size, 8 included: MOV's alone.
    V,
    /// An offset of 2 or 4 bytes by operand size, then a selector.
    FAR,
    /// An address of the address size: MOV's without ModRM.
    ADDRESS
  }

  public boolean is(Attribute attribute) {
    return attributes.contains(attribute);
  }

  /// Whether an instruction of this form is the last of its block.
  public boolean endsBlock() {
    return is(Attribute.END);
  }

  /// The operand size in bytes.
  ///
  /// @param nominal in 64-bit mode 8 with REX.W, 2 with 66, else 4; in others CS.D's, or with 66
  ///     the other
  public int operandBytes(int nominal, boolean longMode) {
    if (is(Attribute.ANYMOD)) {
      return longMode ? 8 : 4;
    } else if (!longMode) {
      return nominal;
    } else if (is(Attribute.F64)) {
      return 8;
    }
    return is(Attribute.D64) && nominal == 4 ? 8 : nominal;
  }

  @Override
  public String toString() {
    return opcode + " " + mnemonic;
  }

  @Override
  public int hashCode() {
    return id;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }
}
