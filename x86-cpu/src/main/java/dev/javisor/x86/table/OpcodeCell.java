package dev.javisor.x86.table;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// All forms of one opcode byte in one mode, indexed by what tells them apart and nothing else: the
/// index is made of the axes that any of its rows names.
public final class OpcodeCell {
  private static final int PREFIX = 1;
  private static final int MOD = 2;
  private static final int REG = 4;
  private static final int RM = 8;
  private static final int REX_B = 16;
  private static final int OPERAND_SIZE = 32;
  private static final int ADDRESS_SIZE = 64;

  private final boolean hasModrm;
  private final boolean anyMod;
  private final int axes;
  private final @Nullable Form[] forms;

  /// @param rows those of this opcode in this mode
  /// @param variants the forms of each row, one for each mnemonic
  OpcodeCell(List<OpcodeRow> rows, List<List<Form>> variants, boolean longMode) {
    hasModrm = rows.getFirst().usesModrm();
    anyMod = rows.getFirst().attributes().contains(Attribute.ANYMOD);
    axes = axes(rows);
    forms = new Form[index(3, 1, 7, 7, 1, 8, 8) + 1];
    new Filler(rows, variants, longMode).fill();
  }

  private static int axes(List<OpcodeRow> rows) {
    int axes = 0;
    for (OpcodeRow row : rows) {
      axes |= axes(row);
    }
    return axes;
  }

  private static int axes(OpcodeRow row) {
    OpcodePattern pattern = row.pattern();
    return (pattern.prefix() != OpcodePattern.ANY ? PREFIX : 0)
        | (pattern.modIsRegister() != OpcodePattern.ANY ? MOD : 0)
        | (pattern.reg() != OpcodePattern.ANY ? REG : 0)
        | (pattern.rm() != OpcodePattern.ANY ? RM : 0)
        | (pattern.rexB() != OpcodePattern.ANY ? REX_B : 0)
        | (row.mnemonics().size() == 1 ? 0 : row.byAddressSize() ? ADDRESS_SIZE : OPERAND_SIZE);
  }

  /// Whether ModRM follows the opcode.
  public boolean hasModrm() {
    return hasModrm;
  }

  /// Whether mod is taken for 3.
  public boolean anyMod() {
    return anyMod;
  }

  /// The form of these coordinates, null for `#UD`.
  ///
  /// @param prefix 0 none, 1 for 66, 2 for F3, 3 for F2
  /// @param operandBytes nominal: 2, 4 or 8
  public @Nullable Form form(
      int prefix, int modrm, boolean rexB, int operandBytes, int addressBytes) {
    if (axes == 0) {
      return forms[0];
    }
    return forms[
        index(
            prefix,
            modrm >= 0xC0 ? 1 : 0,
            modrm >> 3 & 7,
            modrm & 7,
            rexB ? 1 : 0,
            operandBytes,
            addressBytes)];
  }

  private int index(int prefix, int mod, int reg, int rm, int rexB, int operand, int address) {
    int index = 0;
    if ((axes & PREFIX) != 0) {
      index = prefix;
    }
    if ((axes & MOD) != 0) {
      index = index << 1 | mod;
    }
    if ((axes & REG) != 0) {
      index = index << 3 | reg;
    }
    if ((axes & RM) != 0) {
      index = index << 3 | rm;
    }
    if ((axes & (REX_B | OPERAND_SIZE | ADDRESS_SIZE)) != 0) {
      index = rareAxes(index, rexB, operand, address);
    }
    return index;
  }

  private int rareAxes(int start, int rexB, int operand, int address) {
    int index = start;
    if ((axes & REX_B) != 0) {
      index = index << 1 | rexB;
    }
    if ((axes & OPERAND_SIZE) != 0) {
      index = index << 2 | operand >> 2;
    }
    if ((axes & ADDRESS_SIZE) != 0) {
      index = index << 2 | address >> 2;
    }
    return index;
  }

  /// Puts the form of each combination in its place.
  private final class Filler {
    private final List<OpcodeRow> rows;
    private final List<List<Form>> variants;
    private final boolean longMode;

    Filler(List<OpcodeRow> rows, List<List<Form>> variants, boolean longMode) {
      this.rows = rows;
      this.variants = variants;
      this.longMode = longMode;
    }

    /// Along each axis that the cell has; the others would only repeat it.
    void fill() {
      for (int prefix = 0; prefix <= last(PREFIX, 3); prefix++) {
        for (int mod = 0; mod <= last(MOD, 1); mod++) {
          for (int reg = 0; reg <= last(REG, 7); reg++) {
            for (int rm = 0; rm <= last(RM, 7); rm++) {
              for (int rexB = 0; rexB <= last(REX_B, 1); rexB++) {
                fill(prefix, mod, reg, rm, rexB);
              }
            }
          }
        }
      }
    }

    private int last(int axis, int value) {
      return (axes & axis) != 0 ? value : 0;
    }

    private void fill(int prefix, int mod, int reg, int rm, int rexB) {
      int row = best(prefix, mod, reg, rm, rexB);
      if (row < 0) {
        return;
      }
      for (int operand = 2; operand <= 2 << last(OPERAND_SIZE, 2); operand *= 2) {
        for (int address = 2; address <= 2 << last(ADDRESS_SIZE, 2); address *= 2) {
          forms[index(prefix, mod, reg, rm, rexB, operand, address)] =
              variant(row, operand, address);
        }
      }
    }

    private Form variant(int row, int nominal, int address) {
      Form any = variants.get(row).getFirst();
      int operand = any.operandBytes(nominal, longMode);
      return variants.get(row).get(rows.get(row).variant(operand, address));
    }

    private int best(int prefix, int mod, int reg, int rm, int rexB) {
      int best = -1;
      for (int i = 0; i < rows.size(); i++) {
        OpcodePattern pattern = rows.get(i).pattern();
        if (pattern.matches(prefix, mod, reg, rm, rexB)) {
          int precision = best < 0 ? 1 : rows.get(best).pattern().precision();
          if (precision == pattern.precision()) {
            throw new IllegalStateException(
                "two rows for one encoding: " + rows.get(best) + " and " + rows.get(i));
          }
          best = precision == 1 || pattern.precision() > precision ? i : best;
        }
      }
      return best;
    }
  }
}
