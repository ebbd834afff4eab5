package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `./javisor run` on stock Debian kernels: exit codes, the machine they see, and every end of
/// life.
@Tag("long")
@Lab(kernels = {Guests.LINUX_6_1, Guests.LINUX_6_12})
class JavisorRunIT {
  private static final int TIMEOUT_SECONDS = 150;

  /// What a kernel says about a machine that is not right.
  private static final Pattern COMPLAINT =
      Pattern.compile("Firmware Bug|nobody cared|not reserved|Unable to calibrate");

  /// 6.1 still says MMCONFIG.
  private static final String ECAM_USED = "PCI: (ECAM|MMCONFIG) .*reserved";

  private static Host.Result run(Host host, String script) throws IOException {
    return host.run(TIMEOUT_SECONDS, script);
  }

  private static void assertExit(int expected, Host.Result result) {
    assertEquals(expected, result.exitCode(), result::toString);
  }

  /// For ./verify, which counts boots by kernel, vCPUs and engine.
  private static void counted(String kernel, int cpus) {
    System.out.println("COUNTS boot " + kernel + "/" + cpus + "/kvm");
  }

  // ---- commands, on each kernel with each number of vCPUs ----

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
    assertExit(0, result);
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
    counted(kernel, 1);
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
  void fourVcpusAndACommandThatIsKilled(Host host) throws IOException {
    Host.Result result = run(host, "./javisor run --cpus 4 -- sh -c 'nproc; kill -9 $$'");
    assertExit(128 + 9, result);
    assertEquals("4\n", result.stdout());
    counted("6.1", 4);
  }

  @Test
  void twoVcpusOf612AndAPipeThatEndsEarly(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            "./javisor run --kernel-package "
                + Guests.LINUX_6_12
                + " --cpus 2 -- sh -c 'nproc; while echo more; do :; done' | head -2");
    assertExit(0, result);
    assertEquals("2\nmore\n", result.stdout());
    counted("6.12", 2);
  }

  @Test
  void aCommandThatCannotBeRunIs126AndOneThatIsNotThere127(Host host) throws IOException {
    assertExit(126, run(host, "./javisor run -- /etc/fstab"));
    counted("6.1", 1);
    assertExit(127, run(host, "./javisor run -- no-such-command"));
    counted("6.1", 1);
  }

  @Test
  void aScriptOnStandardInputIsRunAndItsBytesArriveWhole(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            head -c 1048576 /dev/urandom >/tmp/bytes
            ./javisor run -- cat </tmp/bytes | cmp - /tmp/bytes || exit 1
            echo 'echo "a  b"; echo $((6 * 7)); exit 3' | ./javisor run
            """);
    assertExit(3, result);
    assertEquals("a  b\n42\n", result.stdout());
    counted("6.1", 1);
    counted("6.1", 1);
  }

  @Test
  void sigtermGoesToTheCommand(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            ./javisor run -- sh -c 'trap "echo got; exit 5" TERM; echo up; while :; do sleep 0.1; done' >/tmp/out &
            until grep -q up /tmp/out; do sleep 0.2; done
            kill -TERM $!
            wait $!; rc=$?
            cat /tmp/out; exit $rc
            """);
    assertExit(5, result);
    assertEquals("up\ngot\n", result.stdout());
    counted("6.1", 1);
  }

  // ---- a person's terminal ----

  @Test
  void aShellOnATerminal(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            cd /tmp; rm -f in typescript; mkfifo in; : >typescript
            script -qefc "stty rows 33 cols 99; $OLDPWD/javisor run; echo rc=\\$?; stty -a | grep -o ' icanon'" typescript <in >/dev/null &
            exec 3>in
            await() { n=0; until grep -q "$1" typescript; do sleep 0.2; n=$((n + 1)); [ $n -lt 600 ] || { cat -v typescript; exit 99; }; done; }
            await '# '
            echo 'echo $((6 * 7))-$(stty size)-$(uname -s)' >&3
            await '42-33 99-Linux'
            echo poweroff >&3
            await 'rc=[0-9]'
            wait $!
            grep -o 'rc=[0-9]*\\| icanon' typescript
            """);
    assertExit(0, result);
    assertTrue(result.stdout().contains("rc=0"), result::toString);
    assertTrue(result.stdout().contains(" icanon"), "the terminal's modes are back");
    counted("6.1", 1);
  }

  @Test
  void theFirstSigtermPressesThePowerButton(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            cd /tmp; rm -f in typescript; mkfifo in; : >typescript
            script -qefc "$OLDPWD/javisor run; echo rc=\\$?" typescript <in >/dev/null &
            exec 3>in
            n=0; until grep -q '# ' typescript; do sleep 0.2; n=$((n + 1)); [ $n -lt 600 ] || { cat -v typescript; exit 99; }; done
            for p in /proc/[0-9]*; do
              [ "$(tr '\\0' '\\n' <$p/cmdline 2>/dev/null | tail -1)" = run ] && [ "$(cat $p/comm)" = java ] && kill -TERM ${p#/proc/}
            done
            until grep -q 'rc=[0-9]' typescript; do sleep 0.2; done
            wait $!
            grep -o 'rc=[0-9][0-9]*' typescript
            """);
    assertExit(0, result);
    assertEquals("rc=0\n", result.stdout(), result::toString); // it powered off, as asked
    counted("6.1", 1);
  }

  // ---- kernels of the person's own: the other ends of life ----

  /// Boots the cached kernel with `rdinit` words of busybox instead of our init.
  private static String own(String cmdline, String options) {
    return """
        guest=$(ls -d /root/.cache/javisor/guest/micro/linux-image-6.1.* | head -1)
        timeout -s KILL 120 ./javisor run --kernel $guest/vmlinuz --initrd $guest/initramfs %s --cmdline '%s'
        """
        .formatted(options, cmdline);
  }

  @Test
  void aRebootEndsWith0(Host host) throws IOException {
    Host.Result result = run(host, own("console=ttyS0 rdinit=/bin/busybox -- reboot -f", ""));
    assertExit(0, result);
    assertTrue(result.stdout().contains("reboot: machine restart"), result::toString);
    counted("6.1", 1);
  }

  @Test
  void aPowerOffEndsWith0(Host host) throws IOException {
    assertExit(0, run(host, own("console=ttyS0 rdinit=/bin/busybox -- poweroff -f", "")));
    counted("6.1", 1);
  }

  @Test
  void aPanicEndsWith121(Host host) throws IOException {
    Host.Result result = run(host, own("console=ttyS0 panic=-1 rdinit=/bin/false", ""));
    assertExit(121, result);
    assertTrue(result.stderr().contains("Attempted to kill init"), result::toString);
    counted("6.1", 1);
  }

  @Test
  void aTripleFaultEndsWith122(Host host) throws IOException {
    Host.Result result =
        run(host, own("console=ttyS0 reboot=t rdinit=/bin/busybox -- reboot -f", ""));
    assertExit(122, result);
    assertTrue(result.stderr().contains("rip"), result::toString);
    counted("6.1", 1);
  }

  @Test
  void aGuestThatDoesNotComeUpEndsWith123(Host host) throws IOException {
    Host.Result result =
        run(host, own("quiet rdinit=/bin/busybox -- sleep 1000", "--boot-timeout 10"));
    assertExit(123, result);
    counted("6.1", 1);
  }

  @Test
  void onRebootRestartBootsAgainUntilItIsKilled(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            guest=$(ls -d /root/.cache/javisor/guest/micro/linux-image-6.1.* | head -1)
            ./javisor run --kernel $guest/vmlinuz --initrd $guest/initramfs --on-reboot restart \\
              --cmdline 'console=ttyS0 rdinit=/bin/busybox -- reboot -f' >/tmp/out 2>/tmp/err &
            n=0
            until [ "$(grep -c 'Linux version' /tmp/out)" -ge 2 ]; do
              sleep 0.5; n=$((n + 1)); [ $n -lt 240 ] || { cat /tmp/out /tmp/err; exit 99; }
            done
            kill -TERM $!; sleep 0.2; kill -TERM $! 2>/dev/null
            wait $!
            """);
    assertExit(128 + 15, result);
    counted("6.1", 1);
    counted("6.1", 1);
  }
}
