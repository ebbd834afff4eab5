package dev.javisor.cli.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KernelLogTest {
  private final KernelLog log = new KernelLog(NoConsole.INSTANCE);

  private void print(String text) {
    log.write(MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void aPanicOfTheKernelIsRemembered() {
    print("[    0.1] ok\r\n[   20.170004] Kernel panic - not syn");
    print("cing: VFS: Unable to mount root fs\r\n");
    assertEquals("Kernel panic - not syncing: VFS: Unable to mount root fs", log.panic());
  }

  @Test
  void aProgramThatPrintsTheWordsIsNoPanic() {
    print("Kernel panic - not syncing\r\n# echo Kernel panic - not syncing\r\n");
    assertNull(log.panic());
  }

  @Test
  void aLineWithoutAnEndDoesNotGrowForEver() {
    for (int i = 0; i < 10_000; i++) {
      print("x".repeat(1000));
    }
    assertNull(log.panic());
    assertEquals(10_000_000, log.bytes());
  }
}
