package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.x86.block.Way;
import dev.javisor.x86.decode.Decoder;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.op.Translator;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.OpcodeTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The rows of `sse.txt` and `x87.txt` against the translator.
class EveryFormHasAnOperationTest {
  private static final int[] PREFIXES = {0x90, 0x66, 0xF3, 0xF2};
  private final Set<String> seen = new TreeSet<>();

  @Test
  void everyFormOfTheSseTable() throws IOException {
    translateAll(Mode.LONG);
    translateAll(Mode.CODE32);
    assertEquals(Set.of(), missing("sse.txt"));
  }

  @Test
  void everyFormOfTheX87Table() throws IOException {
    translateAll(Mode.LONG);
    translateAll(Mode.CODE32);
    assertEquals(Set.of(), missing("x87.txt"));
  }

  private Set<String> missing(String file) throws IOException {
    Set<String> missing = rows(file);
    missing.removeAll(seen);
    return missing;
  }

  /// Opcodes as the rows of a file write them.
  private static Set<String> rows(String file) throws IOException {
    try (var in = Objects.requireNonNull(OpcodeTable.class.getResourceAsStream(file), file)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .flatMap(EveryFormHasAnOperationTest::forms)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Stream<String> forms(String line) {
    String[] columns = line.split("\\|", -1);
    return Arrays.stream(columns[1].strip().split("/", -1)).map(m -> columns[0].strip() + " " + m);
  }

  /// All opcodes of both maps with all ModRMs: 90 stands for no prefix.
  private void translateAll(Mode mode) {
    for (int prefix : PREFIXES) {
      for (int rex = 0x90; rex >= 0x48; rex -= 0x48) {
        for (int opcode = 0; opcode < 512; opcode++) {
          for (int modrm = 0; modrm < 256; modrm++) {
            translate(mode, prefix, rex, opcode, modrm);
          }
        }
      }
    }
  }

  private void translate(Mode mode, int prefix, int rex, int opcode, int modrm) {
    byte[] bytes = new byte[15];
    int at = 0;
    for (int b : new int[] {prefix, rex, opcode >= 256 ? 0x0F : 0x90}) {
      if (b != 0x90) {
        bytes[at++] = (byte) b;
      }
    }
    bytes[at] = (byte) opcode;
    bytes[at + 1] = (byte) modrm;
    if (new Decoder().decode(bytes, 0, bytes.length, mode) instanceof Instruction i
        && i.opcodeAt() == at
        && isOurs(i.form(), opcode)) {
      assertDoesNotThrow(() -> Translator.translate(i, 0, true, _ -> fail(i)), i.toString());
      seen.add(i.form().toString());
    }
  }

  private static Way fail(Instruction i) {
    throw new AssertionError(i + " goes nowhere");
  }

  private static boolean isOurs(Form form, int opcode) {
    return (opcode >= 0xD8 && opcode <= 0xDF)
        || form.attributes().stream().anyMatch(a -> a.name().matches("SSE2?|MMX|X87"))
        || form.opcode().startsWith("NP 0F AE");
  }
}
