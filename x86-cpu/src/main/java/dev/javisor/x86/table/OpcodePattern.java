package dev.javisor.x86.table;

import java.util.ArrayList;
import java.util.List;

/// The first column of a row: which encodings it means. -1 stands for any.
///
/// @param text the column
/// @param map 0 for one-byte opcodes, 1 for those behind 0F
/// @param prefix one of the constants below
/// @param modIsRegister 0 for memory, 1 for a register
/// @param rexB 1 for REX.B set
record OpcodePattern(
    String text, int map, int opcode, int prefix, int modIsRegister, int reg, int rm, int rexB) {
  static final int ANY = -1;

  /// Mandatory prefixes; the last of F2 and F3 counts, and both count more than 66.
  static final int PREFIX_NONE = 0;

  static final int PREFIX_66 = 1;
  static final int PREFIX_F3 = 2;
  static final int PREFIX_F2 = 3;

  /// The patterns of one column: one, or with `+r` eight, with `+c` sixteen.
  static List<OpcodePattern> parse(String text) {
    List<OpcodePattern> patterns = new ArrayList<>();
    int many = text.contains("+r") ? 8 : text.contains("+c") ? 16 : 1;
    // XCHG has seven, of 91 to 97: 90 is NOP
    int first = text.startsWith("91+r") ? 1 : 0;
    for (int i = 0; i + first < many; i++) {
      patterns.add(parse(text, i));
    }
    return patterns;
  }

  private static OpcodePattern parse(String text, int add) {
    Parser parser = new Parser();
    for (String word : OpcodeRow.words(text)) {
      int plus = word.indexOf('+');
      parser.accept(plus < 0 ? word : word.substring(0, plus));
    }
    return parser.pattern(text, add);
  }

  /// Whether the row says something of ModRM.
  boolean namesModrm() {
    return modIsRegister != ANY || reg != ANY || rm != ANY || text.endsWith("/r");
  }

  /// How much it pins down: of two rows for one encoding the one that says more is meant.
  int precision() {
    // ANY is -1: its sign bit counts
    return (prefix >> 31) + (modIsRegister >> 31) + (reg >> 31) + (rm >> 31) + (rexB >> 31);
  }

  boolean matches(int prefix, int modIsRegister, int reg, int rm, int rexB) {
    return matches(this.prefix, prefix)
        && matches(this.modIsRegister, modIsRegister)
        && matches(this.reg, reg)
        && matches(this.rm, rm)
        && matches(this.rexB, rexB);
  }

  private static boolean matches(int pattern, int value) {
    return pattern == ANY || pattern == value;
  }

  /// Reads a column word by word.
  private static final class Parser {
    private int map;
    private int opcode = ANY;
    private int prefix = ANY;
    private int mod = ANY;
    private int reg = ANY;
    private int rm = ANY;
    private int rexB = ANY;

    void accept(String word) {
      switch (word) {
        case "NP" -> prefix = PREFIX_NONE;
        case "mem" -> mod = 0;
        case "reg" -> mod = 1;
        case "rex.b" -> rexB = 1;
        case "/r" -> {}
        default -> number(word);
      }
    }

    private void number(String word) {
      if (word.startsWith("/")) {
        reg = word.charAt(1) - '0';
        return;
      }
      int value = Integer.parseInt(word, 16);
      if (opcode != ANY) {
        mod = 1;
        reg = value >> 3 & 7;
        rm = value & 7;
      } else if (value == 0x0F) {
        map = 1;
      } else if (map == 0 && prefix == ANY && isPrefix(value)) {
        prefix = value == 0x66 ? PREFIX_66 : value == 0xF3 ? PREFIX_F3 : PREFIX_F2;
      } else {
        opcode = value;
      }
    }

    private static boolean isPrefix(int value) {
      return value == 0x66 || value == 0xF3 || value == 0xF2;
    }

    OpcodePattern pattern(String text, int add) {
      return new OpcodePattern(text, map, opcode + add, prefix, mod, reg, rm, rexB);
    }
  }
}
