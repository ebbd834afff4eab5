package dev.javisor.x86.zydis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.decode.Mode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Length, mnemonic and validity of every encoding. `-Djavisor.x86.stride=1` takes all, the default
/// is one in 16; `-Djavisor.x86.seed` repeats a run.
class EncodingsIT {
  private static final int STRIDE = Integer.getInteger("javisor.x86.stride", 16);
  private static final long SEED = Long.getLong("javisor.x86.seed", System.nanoTime());

  /// 135 prefix sets, in 64-bit mode with 17 REX, four maps of 65,536.
  private static final long ALL = 135L * (17 + 1 + 1) * 4 * 65_536;

  @Test
  void everyEncodingIsWhatZydisSays() {
    Differences differences = new Differences();
    Map<String, String> found = new TreeMap<>();
    long compared = 0;
    long instructions = 0;
    for (Mode mode : List.of(Mode.LONG, Mode.CODE32, Mode.CODE16)) {
      Comparison comparison = new Comparison(mode, differences);
      new EncodingSweep(mode, comparison, STRIDE, SEED).run();
      found.putAll(comparison.found());
      compared += comparison.compared();
      instructions += comparison.instructions();
    }
    System.out.printf(
        "COUNTS zydis encodings: 1 in %d, seed %d: %d compared, %d instructions, %d listed%n",
        STRIDE, SEED, compared, instructions, differences.total());
    assertEquals(Map.of(), found, "seed " + SEED);
    assertEquals(List.of(), differences.unmet(), "lines of differences.txt that nothing meets");
    assertTrue(compared > ALL / STRIDE * 9 / 10, compared + " compared");
    assertTrue(instructions > compared / 4, instructions + " were instructions");
  }

  @Test
  void theGuestsInstructionSetsAreSpelledAsZydisDoes() {
    assertEquals(Set.of(), GuestModel.unknownSets());
  }
}
