package dev.javisor.x86.zydis;

import dev.javisor.x86.decode.Instruction;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The checked-in list of what may differ, and how often each line of it was met.
final class Differences {
  private static final String FILE = "differences.txt";
  private final Map<Line, Integer> met = new LinkedHashMap<>();

  private record Line(String encoding, String zydis, String ours, String reason) {
    boolean matches(String spelled, String zydisSays, String weSay) {
      return (spelled + " ").startsWith(encoding + " ")
          && zydis.equals(zydisSays)
          && ours.equals(weSay);
    }
  }

  Differences() {
    try (InputStream in = Differences.class.getResourceAsStream(FILE)) {
      String text =
          new String(Objects.requireNonNull(in, FILE).readAllBytes(), StandardCharsets.US_ASCII);
      text.lines().filter(line -> !line.startsWith("#")).forEach(this::add);
    } catch (IOException e) {
      throw new UncheckedIOException(FILE, e);
    }
  }

  private void add(String text) {
    String[] columns = text.split("\\|", 4);
    met.put(
        new Line(columns[0].strip(), columns[1].strip(), columns[2].strip(), columns[3].strip()),
        0);
  }

  /// Whether the list has this one.
  boolean allow(String encoding, String zydis, String ours) {
    for (Map.Entry<Line, Integer> line : met.entrySet()) {
      if (line.getKey().matches(encoding, zydis, ours)) {
        line.setValue(line.getValue() + 1);
        return true;
      }
    }
    return false;
  }

  /// Lines that nothing has met.
  List<String> unmet() {
    List<String> unmet = new ArrayList<>();
    met.forEach(
        (line, count) -> {
          if (count == 0) {
            unmet.add(line.toString());
          }
        });
    return unmet;
  }

  long total() {
    return met.values().stream().mapToLong(Integer::intValue).sum();
  }

  /// `0F 0D /2 mem`
  static String encoding(Zydis zydis) {
    return encoding(
        zydis.opcodeMap() == 1,
        zydis.opcode(),
        zydis.hasModrm() ? zydis.modrm() : Instruction.NONE);
  }

  static String encoding(boolean twoByte, int opcode, int modrm) {
    String text = (twoByte ? "0F " : "") + "%02X".formatted(opcode);
    return modrm < 0 ? text : text + " /" + (modrm >> 3 & 7) + (modrm < 0xC0 ? " mem" : " reg");
  }
}
