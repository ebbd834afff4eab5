package dev.javisor.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownSpeedTest {
  @TempDir Path home;

  private KnownSpeed speed(String boot) {
    return new KnownSpeed(home.resolve("cache"), boot);
  }

  @ParameterizedTest
  @CsvSource({"4000, 4000", "30, 30", "2.5, 2.5", "29.9, -1", "10, -1", "0, -1", "-1, -1"})
  void whatIsBeyondDoubtIsKept(double measured, double known) {
    speed("a").remember(measured);
    assertEquals(known, speed("a").mips());
  }

  @Test
  void whatIsInDoubtLeavesWhatWasKnown() {
    speed("a").remember(300);
    speed("a").remember(20);
    assertEquals(300, speed("a").mips());
  }

  @Test
  void nothingIsKnownOfAnotherBootOrFromAnothersFile() throws IOException {
    assertEquals(-1, speed("a").mips());
    speed("a").remember(300);
    assertEquals(-1, speed("b").mips());
    Files.writeString(home.resolve("cache/kvm-mips"), "a much\n");
    assertEquals(-1, speed("a").mips());
  }
}
