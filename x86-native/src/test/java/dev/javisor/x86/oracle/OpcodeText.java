package dev.javisor.x86.oracle;

import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Operand;

/// A form's opcode as its row writes it, read once more, by the encoding side: what has to be in an
/// instruction's bytes. [#ANY] where the row leaves it open.
///
/// @param prefix 0x66, 0xF3, 0xF2; 0 for none of these
/// @param many how many opcodes from `opcode` on: 8 with a register, 16 with a condition
/// @param mod 0 memory, 3 register
record OpcodeText(
    int prefix, boolean twoByte, int opcode, int many, int mod, int reg, int rm, boolean rexB) {
  static final int ANY = -1;

  static OpcodeText of(Form form) {
    Reader reader = new Reader();
    for (String word : form.opcode().split(" ", -1)) {
      reader.accept(word);
    }
    return reader.text();
  }

  /// Whether ModRM follows.
  boolean hasModrm(Form form) {
    if (mod != ANY || reg != ANY || form.opcode().endsWith("/r")) {
      return true;
    }
    for (Operand operand : form.operands()) {
      switch (operand.kind()) {
        case E, G, M, R, P, Q, N, V, W, U, S, C, D, ST_RM -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  private static final class Reader {
    private int prefix = ANY;
    private boolean twoByte;
    private int opcode = ANY;
    private int many = 1;
    private int mod = ANY;
    private int reg = ANY;
    private int rm = ANY;
    private boolean rexB;

    void accept(String word) {
      switch (word) {
        case "NP" -> prefix = 0;
        case "mem" -> mod = 0;
        case "reg" -> mod = 3;
        case "rex.b" -> rexB = true;
        case "/r" -> {}
        default -> number(word);
      }
    }

    private void number(String word) {
      if (word.startsWith("/")) {
        reg = word.charAt(1) - '0';
        return;
      }
      int plus = word.indexOf('+');
      int value = Integer.parseInt(plus < 0 ? word : word.substring(0, plus), 16);
      if (plus >= 0) {
        many = word.charAt(plus + 1) == 'r' ? 8 - (value & 7) : 16;
      }
      take(value);
    }

    private void take(int value) {
      boolean isPrefix = value == 0x66 || value == 0xF3 || value == 0xF2;
      if (opcode != ANY) {
        mod = 3;
        reg = value >> 3 & 7;
        rm = value & 7;
      } else if (value == 0x0F) {
        twoByte = true;
      } else if (!twoByte && prefix == ANY && isPrefix) {
        prefix = value;
      } else {
        opcode = value;
      }
    }

    OpcodeText text() {
      return new OpcodeText(prefix, twoByte, opcode, many, mod, reg, rm, rexB);
    }
  }
}
