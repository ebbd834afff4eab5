package dev.javisor.x86.op.vector;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every integer operation, shuffle, move and comparison between registers.
class VectorResultsTest {
  static List<String> results() throws IOException {
    return Vectors.of("integer-vectors.txt");
  }

  @ParameterizedTest
  @MethodSource("results")
  void resultIsTheProcessors(String line) {
    Vectors.check(line);
  }
}
