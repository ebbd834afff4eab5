package dev.javisor.x86.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Cases in which the interpreter once did something else than a processor, with what the processor
/// did. Each line of `found.txt` has its name, a colon, and what [CaseText] says.
class FoundTest {
  private static final int FROM = 0;
  private static final int TO = 1 << 12;
  private static final int BYTES = 1 << 13;
  private static final long SEED = 1;

  static Stream<String> found() throws IOException {
    try (InputStream in = FoundTest.class.getResourceAsStream("found.txt")) {
      assertNotNull(in);
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text
          .lines()
          .filter(line -> !line.startsWith("#") && !line.isBlank())
          .toList()
          .stream();
    }
  }

  private static MemorySegment memory() {
    return MemorySegment.ofArray(new long[BYTES / Long.BYTES]);
  }

  @ParameterizedTest
  @MethodSource("found")
  void whatWasFoundStaysMended(String line) {
    MemorySegment cases = memory();
    MemorySegment results = memory();
    CaseText.Case found = CaseText.read(line.substring(line.indexOf(": ") + 2), cases, FROM, TO);
    ModelUnderTest model = new InterpreterModel();
    model.begin(found.encoded().isLong(), SEED);
    assertTrue(model.load(found.slot(), found.encoded()), line);
    model.run(cases, FROM, results, TO, found.layout());
    Comparison comparison = new Comparison(cases, results, found.layout());
    boolean same = comparison.agree(found.encoded(), TO, TO, found.exempt());
    List<String> differences = comparison.differences(found.encoded(), TO, TO, found.exempt());
    assertEquals("", same ? "" : differences.toString(), line);
  }
}
