package dev.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class OriginalWordsTest {

  @Test
  void asciiIsTakenAsItIs() {
    assertEquals(List.of("run", "", "a b"), OriginalWords.of(new String[] {"run", "", "a b"}));
  }

  @Test
  void theLastWordsOfACommandLineAreReadAsBytes() {
    byte[] line = "java\0-cp\0x y\0Main\0run\0\0naïve\0a?b\0".getBytes(StandardCharsets.UTF_8);
    line[line.length - 3] = (byte) 0xFF;
    assertEquals(List.of("run", "", "naïve", "a\udcffb"), OriginalWords.last(4, line));
  }
}
