package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;

/// A case and what the host made of it as one line of text, which is a test: `found.txt` has those
/// that a model once failed, and [FoundTest] repeats them without a host.
///
/// Mode, bytes, what was before, what was after as far as it changed, and what does not count:
/// `LONG | 10 d8 | rax=1 … flags=203 slot=0 at=2000 hot=… | rax=4 flags=206 rip=… | flags=0 …`
final class CaseText {
  private static final String COLUMN = " | ";
  private static final HexFormat HEX = HexFormat.of();

  private CaseText() {}

  static String line(
      Encoded encoded, MemorySegment memory, long from, long to, CaseLayout layout, Exempt exempt) {
    StringBuilder line = new StringBuilder();
    line.append(encoded.instruction().mode()).append(COLUMN).append(encoded.hex()).append(COLUMN);
    for (int i = 0; i < 16; i++) {
      append(line, Differences.REGISTERS[i], memory.get(JAVA_LONG, from + 8L * i));
    }
    append(line, "flags", memory.get(JAVA_LONG, from + CaseLayout.FLAGS));
    append(line, "slot", memory.get(JAVA_INT, from + CaseLayout.SLOT));
    append(line, "at", memory.get(JAVA_INT, from + CaseLayout.HOT_OFFSET));
    appendBytes(line, memory, from, layout);
    line.append("| ");
    appendResult(line, memory, from, to, layout);
    append(line.append("| "), "flags", exempt.flags());
    append(line, "registers", exempt.registers());
    append(line, "halves", exempt.upperHalves());
    append(line, "what", exempt.what());
    return line.toString().strip();
  }

  private static void appendResult(
      StringBuilder line, MemorySegment memory, long from, long to, CaseLayout layout) {
    for (int i = 0; i < 16; i++) {
      long value = memory.get(JAVA_LONG, to + 8L * i);
      if (value != memory.get(JAVA_LONG, from + 8L * i)) {
        append(line, Differences.REGISTERS[i], value);
      }
    }
    append(line, "flags", memory.get(JAVA_LONG, to + CaseLayout.FLAGS));
    append(line, "rip", memory.get(JAVA_LONG, to + CaseLayout.RIP));
    append(line, "vector", memory.get(JAVA_LONG, to + CaseLayout.VECTOR));
    append(line, "error", memory.get(JAVA_LONG, to + CaseLayout.ERROR));
    append(line, "cr2", memory.get(JAVA_LONG, to + CaseLayout.CR2));
    if (layout.fx()) {
      appendChanged(line, "fx", memory, from, to, CaseLayout.FX, CaseLayout.FX_BYTES);
    }
    appendChanged(line, "hot", memory, from, to, layout.hot(), layout.hotBytes());
  }

  private static void append(StringBuilder line, String name, long value) {
    line.append(name).append('=').append(Long.toHexString(value)).append(' ');
  }

  private static void appendBytes(
      StringBuilder line, MemorySegment memory, long at, CaseLayout layout) {
    if (layout.fx()) {
      appendBytes(line, "fx", memory.asSlice(at + CaseLayout.FX, CaseLayout.FX_BYTES));
    }
    appendBytes(line, "hot", memory.asSlice(at + layout.hot(), layout.hotBytes()));
  }

  private static void appendChanged(
      StringBuilder line,
      String name,
      MemorySegment memory,
      long from,
      long to,
      int offset,
      int bytes) {
    MemorySegment after = memory.asSlice(to + offset, bytes);
    if (after.mismatch(memory.asSlice(from + offset, bytes)) >= 0) {
      appendBytes(line, name, after);
    }
  }

  private static void appendBytes(StringBuilder line, String name, MemorySegment bytes) {
    line.append(name).append('=').append(HEX.formatHex(bytes.toArray(JAVA_BYTE))).append(' ');
  }

  /// A line that was read.
  record Case(Encoded encoded, int slot, CaseLayout layout, Exempt exempt) {}

  /// Puts a line's case at `from` and the host's result at `to`.
  static Case read(String line, MemorySegment memory, long from, long to) {
    String[] columns = line.split(" *\\| *", -1);
    Mode mode = Mode.valueOf(columns[0]);
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(columns[1]);
    byte[] padded = Arrays.copyOf(bytes, bytes.length + 1);
    Instruction instruction = (Instruction) new Decoder().decode(padded, 0, bytes.length, mode);
    CaseLayout layout =
        new CaseLayout(columns[2].contains("fx="), field(columns[2], "hot").length() / 2);
    fill(memory, from, columns[2], layout);
    memory.asSlice(to, layout.bytes()).copyFrom(memory.asSlice(from, layout.bytes()));
    fill(memory, to, columns[3], layout);
    Exempt exempt =
        new Exempt(
            number(columns[4], "flags"),
            number(columns[4], "registers"),
            number(columns[4], "halves"),
            number(columns[4], "what"));
    int slot = number(columns[2], "slot");
    return new Case(new Encoded(bytes, instruction), slot, layout, exempt);
  }

  private static int number(String column, String name) {
    return Integer.parseUnsignedInt(field(column, name), 16);
  }

  private static String field(String column, String name) {
    for (String word : column.split(" ", -1)) {
      if (word.startsWith(name + "=")) {
        return word.substring(name.length() + 1);
      }
    }
    throw new IllegalArgumentException("no " + name + " in " + column);
  }

  private static void fill(MemorySegment memory, long at, String column, CaseLayout layout) {
    for (String word : column.split(" ", -1)) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        set(memory, at, word.substring(0, equals), word.substring(equals + 1), layout);
      }
    }
  }

  private static void set(
      MemorySegment memory, long at, String name, String value, CaseLayout layout) {
    switch (name) {
      case "flags" -> number(memory, at + CaseLayout.FLAGS, value);
      case "rip" -> number(memory, at + CaseLayout.RIP, value);
      case "vector" -> number(memory, at + CaseLayout.VECTOR, value);
      case "error" -> number(memory, at + CaseLayout.ERROR, value);
      case "cr2" -> number(memory, at + CaseLayout.CR2, value);
      case "slot" -> memory.set(JAVA_INT, at + CaseLayout.SLOT, Integer.parseInt(value, 16));
      case "at" -> memory.set(JAVA_INT, at + CaseLayout.HOT_OFFSET, Integer.parseInt(value, 16));
      case "fx" -> bytes(memory, at + CaseLayout.FX, value);
      case "hot" -> bytes(memory, at + layout.hot(), value);
      default ->
          number(memory, at + 8L * Arrays.asList(Differences.REGISTERS).indexOf(name), value);
    }
  }

  private static void number(MemorySegment memory, long at, String value) {
    memory.set(JAVA_LONG, at, Long.parseUnsignedLong(value, 16));
  }

  private static void bytes(MemorySegment memory, long at, String value) {
    MemorySegment.copy(
        MemorySegment.ofArray(HEX.parseHex(value)), 0, memory, at, value.length() / 2);
  }
}
