package dev.javisor.x86.decode;

import dev.javisor.x86.decode.Decoded.Refusal;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.OpcodeCell;
import dev.javisor.x86.table.OpcodeTable;
import org.jspecify.annotations.Nullable;

/// Takes instructions apart (SDM 2, 2.1 and 2.2). Its fields hold what is known of the one at hand;
/// a decoder is for one thread. Nothing is allocated but the result.
public final class Decoder {
  /// SDM 2, 2.3.11.
  public static final int LENGTH_MAX = 15;

  static final int LOCK = 1;
  static final int REP = 2;
  static final int REPNE = 4;
  private static final int OPERAND_SIZE = 8;
  private static final int ADDRESS_SIZE = 16;

  private static final int REX_W = 8;
  private static final int TWO_BYTE = 0x0F;

  private final @Nullable OpcodeCell[] longCells = OpcodeTable.cellsOf(true);
  private final @Nullable OpcodeCell[] legacyCells = OpcodeTable.cellsOf(false);

  private byte[] code = {};
  private int start;
  private int end;

  // what Instruction takes over; positions count from start
  Mode mode = Mode.LONG;
  int prefixes;
  int override;
  int rex;
  int opcode;
  int opcodeAt;
  int modrm;
  int sib;
  int operandBytes;
  int addressBytes;
  int displacementAt;
  int displacementBytes;
  int immediateAt;
  int immediateBytes;

  /// Decodes the instruction at `from`.
  ///
  /// @param to where the bytes end; those from 15 behind `from` on do not matter
  public Decoded decode(byte[] bytes, int from, int to, Mode inMode) {
    code = bytes;
    start = from;
    end = Math.min(to, from + LENGTH_MAX);
    mode = inMode;
    int at = prefixes(from);
    if (at >= end) {
      return atEnd();
    }
    opcode = bytes[at++] & 0xFF;
    int map = 0;
    if (opcode == TWO_BYTE) {
      if (at >= end) {
        return atEnd();
      }
      opcode = bytes[at++] & 0xFF;
      map = 256;
    }
    opcodeAt = at - 1 - from;
    OpcodeCell cell = (inMode == Mode.LONG ? longCells : legacyCells)[map + opcode];
    return cell == null ? Refusal.UNDEFINED : behindOpcode(cell, at);
  }

  /// Why the bytes at hand were not enough.
  private Refusal atEnd() {
    return end - start >= LENGTH_MAX ? Refusal.TOO_LONG : Refusal.TRUNCATED;
  }

  /// Takes prefixes in any order and number, and returns where the opcode is. REX counts only when
  /// it is the last (SDM 2, 2.2.1).
  private int prefixes(int from) {
    prefixes = 0;
    override = Instruction.NONE;
    rex = 0;
    int at = from;
    while (at < end) {
      int value = code[at] & 0xFF;
      if (value >= 0x40 && value < 0x50 && mode == Mode.LONG) {
        rex = value;
      } else if (legacyPrefix(value)) {
        rex = 0;
      } else {
        break;
      }
      at++;
    }
    return at;
  }

  private boolean legacyPrefix(int value) {
    switch (value) {
      case 0x66 -> prefixes |= OPERAND_SIZE;
      case 0x67 -> prefixes |= ADDRESS_SIZE;
      case 0xF0 -> prefixes |= LOCK;
      case 0xF2 -> prefixes = (prefixes & ~REP) | REPNE;
      case 0xF3 -> prefixes = (prefixes & ~REPNE) | REP;
      case 0x26, 0x2E, 0x36, 0x3E -> override(value >> 3 & 3);
      case 0x64, 0x65 -> override = value & 7;
      default -> {
        return false;
      }
    }
    return true;
  }

  /// In 64-bit mode these four do nothing (SDM 2, 2.1.1; 3.3.7.1 of SDM 1).
  private void override(int segment) {
    if (mode != Mode.LONG) {
      override = segment;
    }
  }

  private Decoded behindOpcode(OpcodeCell cell, int from) {
    int at = from;
    modrm = Instruction.NONE;
    if (cell.hasModrm()) {
      if (at >= end) {
        return atEnd();
      }
      modrm = (code[at++] & 0xFF) | (cell.anyMod() ? 0xC0 : 0);
    }
    sizes();
    Form form = cell.form(mandatoryPrefix(), modrm, (rex & 1) != 0, operandBytes, addressBytes);
    if (form == null) {
      return Refusal.UNDEFINED;
    }
    operandBytes = form.operandBytes(operandBytes, mode == Mode.LONG);
    return operands(form, at);
  }

  private void sizes() {
    if (mode == Mode.LONG) {
      operandBytes = (rex & REX_W) != 0 ? 8 : (prefixes & OPERAND_SIZE) != 0 ? 2 : 4;
      addressBytes = (prefixes & ADDRESS_SIZE) != 0 ? 4 : 8;
    } else {
      int other = 6 - mode.codeBytes();
      operandBytes = (prefixes & OPERAND_SIZE) != 0 ? other : mode.codeBytes();
      addressBytes = (prefixes & ADDRESS_SIZE) != 0 ? other : mode.codeBytes();
    }
  }

  private int mandatoryPrefix() {
    if ((prefixes & (REP | REPNE)) != 0) {
      return (prefixes & REP) != 0 ? 2 : 3;
    }
    return (prefixes & OPERAND_SIZE) != 0 ? 1 : 0;
  }

  /// SIB, displacement and immediate.
  private Decoded operands(Form form, int from) {
    int at = from;
    sib = Instruction.NONE;
    if (modrm >= 0 && Address.hasSib(modrm, addressBytes)) {
      if (at >= end) {
        return atEnd();
      }
      sib = code[at++] & 0xFF;
    }
    displacementBytes = modrm < 0 ? 0 : Address.displacementBytes(modrm, sib, addressBytes);
    displacementAt = at - start;
    Form.Immediate shape = form.immediate();
    if (shape == Form.Immediate.ADDRESS) {
      displacementBytes = addressBytes;
      immediateBytes = 0;
    } else {
      immediateBytes = immediateBytes(shape);
    }
    immediateAt = displacementAt + displacementBytes;
    if (start + immediateAt + immediateBytes > end) {
      return atEnd();
    }
    return isAllowed(form) ? instruction(form, shape) : Refusal.UNDEFINED;
  }

  private int immediateBytes(Form.Immediate shape) {
    return switch (shape) {
      case NONE, ADDRESS -> 0;
      case B -> 1;
      case W -> 2;
      case WB -> 3;
      case Z -> Math.min(operandBytes, 4);
      case V -> operandBytes;
      case FAR -> operandBytes + 2;
    };
  }

  /// What remains `#UD`: LOCK where it may not be, registers that do not exist.
  private boolean isAllowed(Form form) {
    if ((prefixes & LOCK) != 0 && !(form.is(Attribute.LOCK) && modrm < 0xC0)) {
      return false;
    }
    return form.validRegisters() == -1 || (form.validRegisters() >> registerNumber() & 1) != 0;
  }

  private int registerNumber() {
    return (modrm >> 3 & 7) | (rex & 4) << 1;
  }

  private Instruction instruction(Form form, Form.Immediate shape) {
    if (shape == Form.Immediate.WB || shape == Form.Immediate.FAR) {
      return twoImmediates(form);
    }
    long displacement = little(displacementAt, displacementBytes);
    long immediate = little(immediateAt, immediateBytes);
    boolean unsigned = shape == Form.Immediate.W;
    return new Instruction(this, form, displacement, unsigned ? immediate & 0xFFFF : immediate, 0);
  }

  private Instruction twoImmediates(Form form) {
    boolean far = form.immediate() == Form.Immediate.FAR;
    int first = far ? operandBytes : 2;
    int second = immediateBytes - first;
    long offset = little(immediateAt, first) & ((1L << (first * 8)) - 1);
    int last = (int) little(immediateAt + first, second) & ((1 << (second * 8)) - 1);
    return new Instruction(this, form, 0, offset, last);
  }

  /// The little-endian number of `count` bytes, sign-extended.
  private long little(int at, int count) {
    if (count == 0) {
      return 0;
    }
    int last = start + at + count - 1;
    long value = code[last];
    for (int i = last - 1; i >= start + at; i--) {
      value = value << 8 | (code[i] & 0xFF);
    }
    return value;
  }
}
