package dev.javisor.x86.op.vector;

import static org.junit.jupiter.api.Assertions.assertAll;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Every integer operation, shuffle, move and comparison between registers.
class VectorResultsTest {
  @Test
  void resultsAreTheProcessors() throws IOException {
    assertAll(
        Vectors.of("integer-vectors.txt").stream().map(line -> () -> Vectors.check(line)));
  }
}
