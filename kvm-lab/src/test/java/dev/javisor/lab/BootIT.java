package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The main job on every run of the tests: the stock kernel boots and a command runs in it.
@Lab(kernels = Guests.LINUX_6_1)
class BootIT {
  private static final int TIMEOUT_SECONDS = 150;

  @Test
  void theMachineIsOneLinuxLikes(Host host) throws IOException {
    JavisorRunIT.theMachineIsOneLinuxLikes(host, "", "6.1");
  }

  @Test
  void twoVcpusAndACommandThatFails(Host host) throws IOException {
    Host.Result result =
        host.run(TIMEOUT_SECONDS, "./javisor run --cpus 2 -- sh -c 'nproc; echo oops >&2; exit 7'");
    assertEquals(7, result.exitCode(), result::toString);
    assertEquals("2\n", result.stdout(), result::toString);
    assertEquals("oops\n", result.stderr(), result::toString);
    Guests.counted("6.1", 2, 1);
  }
}
