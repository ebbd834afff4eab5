package dev.javisor.x86.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// All rows, and where the decoder finds them. There is one.
public final class OpcodeTable {
  private static final String[] FILES = {"one-byte.txt", "two-byte.txt", "sse.txt", "x87.txt"};
  private static final int CELLS = 512;
  private static final OpcodeTable TABLE = new OpcodeTable();

  private final List<OpcodeRow> rows = new ArrayList<>();
  private final List<List<Form>> variants = new ArrayList<>();
  private final List<Form> forms = new ArrayList<>();
  private final @Nullable OpcodeCell[] longCells;
  private final @Nullable OpcodeCell[] legacyCells;

  private OpcodeTable() {
    for (String file : FILES) {
      read(file);
    }
    longCells = cells(true);
    legacyCells = cells(false);
  }

  /// Every form, each at the index that its id is.
  public static List<Form> forms() {
    return List.copyOf(TABLE.forms);
  }

  /// The cells of the one-byte opcodes and behind them those of 0F's map, 512; null where no form
  /// has that opcode.
  ///
  /// @param longMode 64-bit mode, compatibility mode is not
  public static @Nullable OpcodeCell[] cellsOf(boolean longMode) {
    return (longMode ? TABLE.longCells : TABLE.legacyCells).clone();
  }

  private void read(String file) {
    InputStream resource = OpcodeTable.class.getResourceAsStream(file);
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(resource, file), StandardCharsets.US_ASCII))) {
      for (String line; (line = reader.readLine()) != null; ) {
        if (!line.startsWith("#") && !line.isBlank()) {
          add(OpcodeRow.parse(line));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  private void add(List<OpcodeRow> parsed) {
    List<Form> ofLine = new ArrayList<>();
    for (OpcodeRow row : parsed) {
      rows.add(row);
      List<Form> ofRow = new ArrayList<>();
      for (String mnemonic : row.mnemonics()) {
        ofRow.add(form(row, mnemonic, ofLine));
      }
      variants.add(ofRow);
    }
  }

  /// One form for each mnemonic of a line: `movd/movd/movq` are two, `50+r` is one.
  private Form form(OpcodeRow row, String mnemonic, List<Form> ofLine) {
    for (Form known : ofLine) {
      if (known.mnemonic().equals(mnemonic)) {
        return known;
      }
    }
    Form form = newForm(row, mnemonic);
    ofLine.add(form);
    forms.add(form);
    return form;
  }

  private Form newForm(OpcodeRow row, String mnemonic) {
    return new Form(
        forms.size(),
        row.pattern().text(),
        mnemonic,
        row.operands(),
        row.implied(),
        row.flags(),
        row.attributes(),
        row.validRegisters(),
        row.immediate());
  }

  private @Nullable OpcodeCell[] cells(boolean longMode) {
    List<List<Integer>> byOpcode = new ArrayList<>();
    for (int i = 0; i < CELLS; i++) {
      byOpcode.add(new ArrayList<>());
    }
    Attribute absent = longMode ? Attribute.NO64 : Attribute.ONLY64;
    for (int i = 0; i < rows.size(); i++) {
      OpcodePattern pattern = rows.get(i).pattern();
      if (!rows.get(i).attributes().contains(absent)) {
        byOpcode.get(pattern.map() * 256 + pattern.opcode()).add(i);
      }
    }
    @Nullable OpcodeCell[] cells = new OpcodeCell[CELLS];
    for (int i = 0; i < CELLS; i++) {
      cells[i] = byOpcode.get(i).isEmpty() ? null : cell(byOpcode.get(i), longMode);
    }
    return cells;
  }

  private OpcodeCell cell(List<Integer> indices, boolean longMode) {
    List<OpcodeRow> cellRows = new ArrayList<>();
    List<List<Form>> cellForms = new ArrayList<>();
    for (int index : indices) {
      cellRows.add(rows.get(index));
      cellForms.add(variants.get(index));
      if (cellRows.getFirst().usesModrm() != rows.get(index).usesModrm()) {
        throw new IllegalStateException("some with ModRM, some without: " + cellRows);
      }
    }
    return new OpcodeCell(cellRows, cellForms, longMode);
  }
}
