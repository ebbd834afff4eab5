package dev.javisor.x86.oracle;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.x86.oracle.MutantLoader.Site;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The oracle is tested: of 30 interpreters with one instruction changed it finds at least 29. The
/// classes are those whose instructions all matter to results: not those of fast ways, since the
/// slow ones do the same, nor of segments that are not flat, nor those that loop until they
/// succeed.
@Tag("long")
class MutantsIT {
  private static final int MUTANTS = 30;
  private static final int SURVIVORS_MOST = 1;
  private static final long SEED = Long.getLong("javisor.x86.mutants", 8);
  private static final List<String> CLASSES =
      List.of(
          "state.Flags",
          "op.Shifts",
          "op.Multiply",
          "op.Bits",
          "op.FlagOps",
          "op.Loc",
          "op.Loc$HighByte");

  /// What the change leaves as it was: of the value shifted, only bits that both shifts have are
  /// taken (a byte; the last bit out).
  private static final Set<String> SAME =
      Set.of("op.Loc$HighByte read 0 LSHR", "op.Shifts sar 1 LSHR");

  private static List<Site> chosen() {
    List<Site> sites = new ArrayList<>();
    CLASSES.forEach(type -> sites.addAll(MutantLoader.sites(type)));
    Collections.shuffle(sites, new Random(SEED));
    // shifts by more than the width, half of what these do, have no result that could be wrong
    sites.removeIf(site -> site.method().equals("shld") || site.method().equals("shrd"));
    sites.removeIf(site -> SAME.contains(site.toString()));
    return sites.subList(0, MUTANTS);
  }

  private static boolean isFound(Site site) throws Exception {
    Class<?> run = new MutantLoader(site).loadClass(MutantRun.class.getName());
    return (Boolean) ((Callable<?>) run.getConstructor().newInstance()).call();
  }

  @Test
  void almostNoMutantSurvives() throws Exception {
    List<Site> survivors = new ArrayList<>();
    for (Site site : chosen()) {
      if (!isFound(site)) {
        survivors.add(site);
      }
    }
    System.out.printf("COUNTS mutants: %d of %d found%n", MUTANTS - survivors.size(), MUTANTS);
    assertTrue(survivors.size() <= SURVIVORS_MOST, "survived: " + survivors + ", seed " + SEED);
  }
}
