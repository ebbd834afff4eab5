package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The main job without any KVM: stock kernels on our own processor, right here. What is tested of
/// guests under a KVM, in full, is for the long run ([FoundationOnSoftwareIT]).
@OnSoftware(kernels = {Guests.LINUX_6_1, Guests.LINUX_6_12})
class SoftwareIT {
  /// A boot takes some twenty seconds on a quiet machine.
  private static final int TIMEOUT_SECONDS = 300;

  private static Host.Result run(Host host, String script) throws IOException {
    return host.run(TIMEOUT_SECONDS, script);
  }

  @Test
  void theMachineIsOneLinuxLikes(Host host) throws IOException {
    BootIT.theMachineIsOneLinuxLikes(host, "", "6.1");
  }

  @Test
  void linux612BootsToACommand(Host host) throws IOException {
    bootsToACommand(host, Guests.LINUX_6_12, "6\\.12\\..*");
    Guests.counted(host, "6.12", 1, 1);
  }

  /// A kernel that finds nothing to work around.
  ///
  /// @param release what `uname -r` has to match
  static void bootsToACommand(Host host, String kernelPackage, String release) throws IOException {
    Host.Result result =
        run(
            host,
            "./javisor run --kernel-package "
                + kernelPackage
                + " -- sh -c 'uname -r; cat /sys/devices/system/cpu/vulnerabilities/*; exit 3'");
    result.assertExit(3);
    String[] lines = result.stdout().split("\n", 2);
    assertTrue(lines[0].matches(release), result::toString);
    assertTrue(lines[1].lines().allMatch("Not affected"::equals), result::toString);
  }

  /// Of its RAM 128 MiB are behind the hole, and Linux uses those first.
  @Test
  void twoVcpusADiskMoreThanThreeGibibytesAndACommandThatFails(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            disk=$(mktemp) && truncate -s 32M $disk
            ./javisor run --cpus 2 -m 3200M --disk $disk -- sh -c '
              nproc; grep -c "^100000000-.*System RAM" /proc/iomem
              dd if=/dev/urandom of=/dev/vda bs=1M conv=fsync 2>/dev/null; sha256sum </dev/vda
              echo oops >&2; exit 7'
            echo "exit code $?"; sha256sum <$disk; rm $disk
            """);
    result.assertExit(0);
    String[] lines = result.stdout().split("\n");
    assertEquals("2", lines[0], result::toString);
    assertEquals("1", lines[1], result::toString);
    assertEquals("exit code 7", lines[3], result::toString);
    assertEquals(lines[2], lines[4], "what the guest wrote and what is on the disk");
    assertEquals("oops\n", result.stderr());
    Guests.counted(host, "6.1", 2, 1);
  }

  @Test
  void aScriptFromStandardInputHasItsExitCode(Host host) throws IOException {
    Host.Result result = run(host, "echo 'echo $((6 * 7)); exit 4' | ./javisor run");
    result.assertExit(4);
    assertEquals("42\n", result.stdout(), result::toString);
    Guests.counted(host, "6.1", 1, 1);
  }

  /// See docs/x86.md, "The seam for machine code".
  @Test
  void theSecondExecutorBootsToo(Host host) throws IOException {
    Host.Result result =
        run(host, "JAVISOR_EXECUTOR=single ./javisor run -- sh -c 'cat /proc/meminfo; exit 9'");
    result.assertExit(9);
    assertTrue(result.stdout().startsWith("MemTotal:"), result::toString);
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void aPowerOffAndARebootEndWith0AndAPanicWith121(Host host) throws IOException {
    Host.Result off =
        run(host, EndsOfLifeIT.own("console=ttyS0 rdinit=/bin/busybox -- poweroff -f", ""));
    off.assertExit(0);
    assertTrue(off.stdout().contains("reboot: Power down"), off::toString);
    Host.Result reboot =
        run(host, EndsOfLifeIT.own("console=ttyS0 rdinit=/bin/busybox -- reboot -f", ""));
    reboot.assertExit(0);
    assertTrue(reboot.stdout().contains("reboot: machine restart"), reboot::toString);
    Host.Result panic = run(host, EndsOfLifeIT.own("console=ttyS0 panic=-1 rdinit=/bin/false", ""));
    panic.assertExit(121);
    assertTrue(panic.stderr().contains("Attempted to kill init"), panic::toString);
    Guests.counted(host, "6.1", 1, 3);
  }
}
