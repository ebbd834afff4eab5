package dev.javisor.x86.table;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// One row of the files: six columns, parted by bars.
///
/// 1. The opcode as the manual writes it: `NP`, `66`, `F3` or `F2` where it is part of the opcode
///    (NP: none of these), `0F` for the second map, the byte. `+r` stands for eight rows with a
///    register in the opcode, `+c` for sixteen with a condition. `/digit` is ModRM's reg, `/r` any;
///    `mem` or `reg` is its mod; a last byte is a whole ModRM; `rex.b` is that bit set.
/// 2. The mnemonic, or three for the operand sizes (`/`) or the address sizes (`@`) 16, 32 and 64.
/// 3. Operands, target first: an [Access] sign, a [Kind], a [Width].
/// 4. Operands that are implied.
/// 5. Flags, by the letters of [FlagEffects]. Bare ones are written, `r:` read, `0:` and `1:` given
///    that value, `u:` undefined; undefined after a shift are `u1:` unless it is by 1, `uw:` if by
///    the width or more, `ux:` if by more than the width; `count` when a count of 0 changes none.
/// 6. [Attribute]s, and the numbers of the registers that exist (`regs=`, hexadecimal digits).
record OpcodeRow(
    OpcodePattern pattern,
    List<String> mnemonics,
    boolean byAddressSize,
    List<Operand> operands,
    List<Operand> implied,
    FlagEffects flags,
    Set<Attribute> attributes,
    int validRegisters) {
  private static final String[] CONDITIONS = {
    "o", "no", "b", "nb", "z", "nz", "be", "nbe", "s", "ns", "p", "np", "l", "nl", "le", "nle"
  };

  /// What each pair of conditions reads (SDM 2, B.1.4.7).
  private static final String[] CONDITION_FLAGS = {"O", "C", "Z", "CZ", "S", "P", "SO", "ZSO"};

  /// The rows of one line: one, eight or sixteen.
  static List<OpcodeRow> parse(String line) {
    String[] columns = line.split("\\|", -1);
    if (columns.length != 6) {
      throw new IllegalArgumentException("six columns: " + line);
    }
    for (int i = 0; i < columns.length; i++) {
      columns[i] = columns[i].strip();
    }
    List<OpcodeRow> rows = new ArrayList<>();
    List<OpcodePattern> patterns = OpcodePattern.parse(columns[0]);
    for (int i = 0; i < patterns.size(); i++) {
      rows.add(row(patterns.get(i), i, columns));
    }
    return rows;
  }

  private static OpcodeRow row(OpcodePattern pattern, int condition, String[] columns) {
    String mnemonic = columns[1];
    String flags = columns[4];
    if (mnemonic.contains("$")) {
      mnemonic = mnemonic.replace("$", CONDITIONS[condition]);
      flags = flags.replace("$", CONDITION_FLAGS[condition / 2]);
    }
    Set<Attribute> attributes = EnumSet.noneOf(Attribute.class);
    int registers = attributes(columns[5], attributes);
    return new OpcodeRow(
        pattern,
        List.of(mnemonic.replace('@', '/').split("/", -1)),
        mnemonic.contains("@"),
        operands(columns[2]),
        operands(columns[3]),
        FlagEffects.parse(flags),
        attributes,
        registers);
  }

  private static List<Operand> operands(String column) {
    List<Operand> operands = new ArrayList<>();
    for (String token : words(column)) {
      operands.add(OperandCode.parse(token));
    }
    return List.copyOf(operands);
  }

  /// Fills `attributes` and returns the mask of `regs=`, all ones without it.
  private static int attributes(String column, Set<Attribute> attributes) {
    int registers = -1;
    for (String word : words(column)) {
      if (word.startsWith("regs=")) {
        registers = registers(word.substring(5));
      } else {
        attributes.add(Attribute.valueOf(word.toUpperCase(Locale.ROOT)));
      }
    }
    return registers;
  }

  private static int registers(String digits) {
    int mask = 0;
    for (int i = 0; i < digits.length(); i++) {
      mask |= 1 << Character.digit(digits.charAt(i), 16);
    }
    return mask;
  }

  /// What stands between the blanks of a column.
  static List<String> words(String column) {
    List<String> words = new ArrayList<>();
    for (String word : column.split(" ", -1)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }

  boolean usesModrm() {
    for (Operand operand : operands) {
      if (operand.kind().usesModrm()) {
        return true;
      }
    }
    return pattern.namesModrm();
  }

  /// The mnemonic's index for sizes in bytes.
  int variant(int operandBytes, int addressBytes) {
    if (mnemonics.size() == 1) {
      return 0;
    }
    return Integer.numberOfTrailingZeros(byAddressSize ? addressBytes : operandBytes) - 1;
  }

  /// What follows ModRM and displacement, by the operands that say so.
  Form.Immediate immediate() {
    Form.Immediate shape = Form.Immediate.NONE;
    for (Operand operand : operands) {
      shape =
          switch (operand.kind()) {
            case I, J -> shape == Form.Immediate.W ? Form.Immediate.WB : shape(operand.width());
            case A -> Form.Immediate.FAR;
            case O -> Form.Immediate.ADDRESS;
            default -> shape;
          };
    }
    return shape;
  }

  private static Form.Immediate shape(Width width) {
    return switch (width) {
      case B -> Form.Immediate.B;
      case W -> Form.Immediate.W;
      case Z -> Form.Immediate.Z;
      case V -> Form.Immediate.V;
      default -> throw new IllegalArgumentException("no immediate is as wide as " + width);
    };
  }
}
