package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The main job: stock kernels boot, find the machine as they like it, and a command runs in them.
@Lab(kernels = {Guests.LINUX_6_1, Guests.LINUX_6_12})
class BootIT {
  private static final int TIMEOUT_SECONDS = 150;

  /// What a kernel says about a machine that is not right.
  private static final Pattern COMPLAINT =
      Pattern.compile("Firmware Bug|nobody cared|not reserved|Unable to calibrate");

  /// 6.1 still says MMCONFIG.
  private static final String ECAM_USED = "PCI: (ECAM|MMCONFIG) .*reserved";

  private static Host.Result run(Host host, String script) throws IOException {
    return host.run(TIMEOUT_SECONDS, script);
  }

  @Test
  void theMachineIsOneLinuxLikes(Host host) throws IOException {
    theMachineIsOneLinuxLikes(host, "", "6.1");
  }

  @Test
  void theMachineIsOneLinuxLikes612(Host host) throws IOException {
    theMachineIsOneLinuxLikes(host, "--kernel-package " + Guests.LINUX_6_12, "6.12");
  }

  static void theMachineIsOneLinuxLikes(Host host, String options, String kernel)
      throws IOException {
    Host.Result result =
        run(
            host,
            "date +%s >&2; ./javisor run " + options + " -- sh -c 'uname -r; date +%s >&2; dmesg'");
    result.assertExit(0);
    String[] lines = result.stdout().split("\n", 2);
    assertTrue(lines[0].startsWith(kernel + "."), result::toString);
    String log = lines[1];
    assertFalse(COMPLAINT.matcher(log).find(), () -> complaints(log));
    for (String fact : new String[] {"16550A", ECAM_USED, "rtc0", "kvm-clock"}) {
      assertTrue(Pattern.compile(fact).matcher(log).find(), () -> "no " + fact + " in\n" + log);
    }
    long[] clocks = result.stderr().lines().mapToLong(Long::parseLong).toArray();
    assertTrue(
        clocks[1] >= clocks[0] && clocks[1] - clocks[0] < 120, "the clock: " + result.stderr());
    Guests.counted(host, kernel, 1, 1);
  }

  private static String complaints(String log) {
    StringBuilder found = new StringBuilder();
    Matcher matcher = Pattern.compile(".*(" + COMPLAINT.pattern() + ").*").matcher(log);
    while (matcher.find()) {
      found.append(matcher.group()).append('\n');
    }
    return found.toString();
  }

  @Test
  void twoVcpusAndACommandThatFails(Host host) throws IOException {
    Host.Result result =
        run(host, "./javisor run --cpus 2 -- sh -c 'nproc; echo oops >&2; exit 7'");
    result.assertExit(7);
    assertEquals("2\n", result.stdout(), result::toString);
    assertEquals("oops\n", result.stderr(), result::toString);
    Guests.counted(host, "6.1", 2, 1);
  }

  @Test
  void twoVcpusOf612AndAPipeThatEndsEarly(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            "./javisor run --kernel-package "
                + Guests.LINUX_6_12
                + " --cpus 2 -- sh -c 'nproc; while echo more; do :; done' | head -2");
    result.assertExit(0);
    assertEquals("2\nmore\n", result.stdout());
    Guests.counted(host, "6.12", 2, 1);
  }

  @Test
  void fourVcpusAndACommandThatIsKilled(Host host) throws IOException {
    Host.Result result = run(host, "./javisor run --cpus 4 -- sh -c 'nproc; kill -9 $$'");
    result.assertExit(128 + 9);
    assertEquals("4\n", result.stdout());
    Guests.counted(host, "6.1", 4, 1);
  }
}
