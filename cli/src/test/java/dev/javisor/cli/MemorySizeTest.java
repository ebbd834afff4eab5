package dev.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySizeTest {
  @Test
  void unitsArePowersOf1024() {
    assertEquals(512L << 20, MemorySize.parse("512M"));
    assertEquals(2L << 30, MemorySize.parse("2g"));
    assertEquals(1L << 20, MemorySize.parse("1024KiB"));
    assertEquals(4096, MemorySize.parse("4096"));
  }

  @Test
  void whatIsFormattedIsParsedBack() {
    for (long bytes : new long[] {1, 4096, 512L << 20, 3L << 30, (1L << 40) + 4096}) {
      assertEquals(bytes, MemorySize.parse(MemorySize.format(bytes)));
    }
    assertEquals("512M", MemorySize.format(512L << 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "M", "-1", "1.5G", "512X", "999999999999999T"})
  void nonsenseIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> MemorySize.parse(text));
  }
}
