package dev.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TraceOptionTest {
  @Test
  void exitsAndCpuAreApart() {
    assertTrue(TraceOption.parse("exits").exits());
    assertFalse(TraceOption.parse("exits").cpu());
    assertFalse(TraceOption.parse("cpu").exits());
    assertTrue(TraceOption.parse("cpu").cpu());
  }

  @Test
  void whereATraceBeginsAndHowLongItIs() {
    assertEquals(new TraceOption(false, 0, 1_000_000), TraceOption.parse("cpu"));
    assertEquals(new TraceOption(false, 5000, 1_000_000), TraceOption.parse("cpu=from=5000"));
    assertEquals(new TraceOption(false, 5000, 10), TraceOption.parse("cpu=from=5000,count=10"));
  }

  @Test
  void nonsenseIsRefused() {
    for (String text :
        List.of("", "all", "cpu=", "cpu=5", "cpu=from", "cpu=from=x", "cpu=from=-1", "cpu=to=5")) {
      assertThrows(IllegalArgumentException.class, () -> TraceOption.parse(text), text);
    }
  }

  @Test
  void aTraceIsWrittenBesideTheLog(@TempDir Path directory) throws IOException {
    try (TraceFile file = new TraceFile(directory.resolve("deeper").resolve("guest.log"))) {
      assertFalse(Files.exists(file.path()));
      file.line("one");
      file.line("two");
    }
    Path written = directory.resolve("deeper").resolve("guest.log.cpu");
    assertEquals(List.of("one", "two"), Files.readAllLines(written));
  }
}
