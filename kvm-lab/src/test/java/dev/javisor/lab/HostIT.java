package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The host of tests itself: what is known of a script that took too long.
@Lab("--bare")
class HostIT {
  private static final String LATE =
      """
      echo waits; echo what it got so far >$TMPDIR/out
      while :; do sleep 0.1; done
      """;

  @Test
  void ofAScriptThatTookTooLongTheFilesItLeftAreShown(Host lab) throws IOException {
    for (Host host : new Host[] {lab, new HereHost()}) {
      Host.Result result = host.run(2, LATE);
      result.assertExit(Host.Result.TOO_LATE);
      assertEquals("waits\n", result.stdout(), host.name());
      String firstLine = result.toString().lines().findFirst().orElseThrow();
      assertTrue(firstLine.contains("what it got so far"), firstLine);
    }
  }
}
