package dev.javisor.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The full guest at heavier work, for the long run: a compiler and what it makes, packers,
/// stress-ng's methods that check themselves.
@OnSoftware
@Tag("long")
class FullGuestToolsIT {
  private static final int CHECK_SECONDS = 400;

  @TempDir private static Path scratch;
  private static FullGuest.Visit visit;

  @BeforeAll
  static void boot(Host host) throws IOException, InterruptedException, TimeoutException {
    FullGuest guest = FullGuest.with("gcc", "libc6-dev", "zstd", "xz-utils", "stress-ng");
    visit = guest.visit((HereHost) host, "tools", CHECK_SECONDS, scratch);
  }

  @Test
  void gccCompilesAProgramThatRuns() throws IOException {
    visit.assertPrints("compile.sh");
  }

  @Test
  void packersGiveBackWhatTheyWereGiven() throws IOException {
    visit.assertPrints("pack.sh");
  }

  @Test
  void stressNgFindsNothingWrong() throws IOException {
    visit.assertPrints("stress.sh");
  }
}
