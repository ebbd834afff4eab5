package dev.javisor.x86.decode;

import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import java.util.List;

/// One instruction, taken apart. Sizes and positions are in bytes, positions from the first.
public final class Instruction implements Decoded {
  /// Segment registers by their number in the encodings.
  public static final int ES = 0;

  public static final int CS = 1;
  public static final int SS = 2;
  public static final int DS = 3;
  public static final int FS = 4;
  public static final int GS = 5;

  /// No register, no segment override, no ModRM.
  public static final int NONE = -1;

  /// What [#base()] says of an address relative to the next instruction.
  public static final int RIP = 16;

  private final Form form;
  private final Mode mode;
  private final long displacement;
  private final long immediate;
  private final int secondImmediate;
  private final byte length;
  private final byte rex;
  private final byte prefixes;
  private final byte override;
  private final byte operandBytes;
  private final byte addressBytes;
  private final byte opcodeAt;
  private final byte displacementAt;
  private final byte displacementBytes;
  private final byte immediateAt;
  private final byte immediateBytes;
  private final short opcode;
  private final short modrm;
  private final short sib;

  /// Takes what `from` has found.
  Instruction(Decoder from, Form form, long displacement, long immediate, int secondImmediate) {
    this.form = form;
    this.mode = from.mode;
    this.displacement = displacement;
    this.immediate = immediate;
    this.secondImmediate = secondImmediate;
    this.length = (byte) (from.immediateAt + from.immediateBytes);
    this.rex = (byte) from.rex;
    this.prefixes = (byte) from.prefixes;
    this.override = (byte) from.override;
    this.operandBytes = (byte) from.operandBytes;
    this.addressBytes = (byte) from.addressBytes;
    this.opcodeAt = (byte) from.opcodeAt;
    this.displacementAt = (byte) from.displacementAt;
    this.displacementBytes = (byte) from.displacementBytes;
    this.immediateAt = (byte) from.immediateAt;
    this.immediateBytes = (byte) from.immediateBytes;
    this.opcode = (short) from.opcode;
    this.modrm = (short) from.modrm;
    this.sib = (short) from.sib;
    assert length > 0 && length <= Decoder.LENGTH_MAX : length;
  }

  public Form form() {
    return form;
  }

  public Mode mode() {
    return mode;
  }

  public int length() {
    return length;
  }

  /// Of operands of width V: 2, 4 or 8.
  public int operandBytes() {
    return operandBytes;
  }

  public int addressBytes() {
    return addressBytes;
  }

  /// The opcode's last byte.
  public int opcode() {
    return opcode;
  }

  /// Where that byte is.
  public int opcodeAt() {
    return opcodeAt;
  }

  /// The REX prefix, 0 without one. One that is not next to the opcode counts as none.
  public int rex() {
    return rex & 0xFF;
  }

  /// F0 was there, and the form takes it.
  public boolean isLocked() {
    return (prefixes & Decoder.LOCK) != 0;
  }

  /// F3 was there, after any F2: REP, REPE or part of the opcode.
  public boolean isRep() {
    return (prefixes & Decoder.REP) != 0;
  }

  /// F2 was there, after any F3: REPNE or part of the opcode.
  public boolean isRepne() {
    return (prefixes & Decoder.REPNE) != 0;
  }

  /// Whether rCX counts repetitions: F2 or F3 before a string instruction.
  public boolean isRepeated() {
    return (isRep() || isRepne()) && (form.is(Attribute.REP) || form.is(Attribute.REPZ));
  }

  /// The flags whose old values do not survive, whatever the operands: until here they were dead. A
  /// repeated comparison keeps them when the count is 0.
  public int overwrittenFlags() {
    return isRepeated() ? 0 : form.flags().overwritten();
  }

  /// ModRM, or [#NONE].
  public int modrm() {
    return modrm;
  }

  /// SIB, or [#NONE].
  public int sib() {
    return sib;
  }

  /// Sign-extended; for MOV without ModRM the whole address.
  public long displacement() {
    return displacement;
  }

  public int displacementAt() {
    return displacementAt;
  }

  public int displacementBytes() {
    return displacementBytes;
  }

  /// Sign-extended but for RET's and ENTER's word and a far pointer's offset.
  public long immediate() {
    return immediate;
  }

  /// ENTER's nesting level or a far pointer's selector.
  public int secondImmediate() {
    return secondImmediate;
  }

  public int immediateAt() {
    return immediateAt;
  }

  /// Of all immediates together.
  public int immediateBytes() {
    return immediateBytes;
  }

  /// Whether ModRM addresses memory.
  public boolean isMemory() {
    return modrm >= 0 && modrm < 0xC0;
  }

  /// ModRM's reg with REX.R.
  public int reg() {
    return (modrm >> 3 & 7) | (rex & 4) << 1;
  }

  /// ModRM's reg without REX.R, which segment registers ignore.
  public int segmentRegister() {
    return modrm >> 3 & 7;
  }

  /// ModRM's rm with REX.B, for a register.
  public int rm() {
    return (modrm & 7) | (rex & 1) << 3;
  }

  /// The register in the opcode's last three bits, with REX.B.
  public int opcodeRegister() {
    return (opcode & 7) | (rex & 1) << 3;
  }

  /// Whether a byte register of number `register` is AH, CH, DH or BH: 4 to 7 without REX.
  public boolean isHighByte(int register) {
    return rex == 0 && register >= 4;
  }

  /// The base register of ModRM's address, [#RIP] or [#NONE].
  public int base() {
    return Address.base(this);
  }

  /// The index register of ModRM's address, or [#NONE].
  public int index() {
    return Address.index(this);
  }

  /// The logarithm of what the index is multiplied by.
  public int scale() {
    return sib < 0 ? 0 : sib >> 6;
  }

  /// FS or GS, in other than 64-bit mode any segment register, or [#NONE]: the last prefix counts.
  public int override() {
    return override;
  }

  /// The segment of an operand that is addressed through ModRM.
  public int segment() {
    return override >= 0 ? override : Address.usesStack(base()) ? SS : DS;
  }

  /// The operands, those named first, then the implied ones, the count of a repetition last.
  public List<Place> places() {
    return Places.of(this);
  }

  @Override
  public String toString() {
    return form + " (" + length + " bytes)";
  }
}
