package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Every end of a life has its exit code; with kernels of the person's own.
@Lab(kernels = Guests.LINUX_6_1)
class EndsOfLifeIT {
  private static final int TIMEOUT_SECONDS = 150;

  private static Host.Result run(Host host, String script) throws IOException {
    return host.run(TIMEOUT_SECONDS, script);
  }

  /// Boots the cached kernel with `rdinit` words of busybox instead of our init.
  static String own(String cmdline, String options) {
    return """
        guest=%s
        ./javisor run --kernel $guest/vmlinuz --initrd $guest/initramfs %s --cmdline '%s'
        """
        .formatted(Guests.DIRECTORY, options, cmdline);
  }

  @Test
  void aRebootEndsWith0(Host host) throws IOException {
    Host.Result result = run(host, own("console=ttyS0 rdinit=/bin/busybox -- reboot -f", ""));
    result.assertExit(0);
    assertTrue(result.stdout().contains("reboot: machine restart"), result::toString);
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void aPowerOffEndsWith0(Host host) throws IOException {
    run(host, own("console=ttyS0 rdinit=/bin/busybox -- poweroff -f", "")).assertExit(0);
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void aPanicEndsWith121(Host host) throws IOException {
    Host.Result result = run(host, own("console=ttyS0 panic=-1 rdinit=/bin/false", ""));
    result.assertExit(121);
    assertTrue(result.stderr().contains("Attempted to kill init"), result::toString);
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void aTripleFaultEndsWith122(Host host) throws IOException {
    Host.Result result =
        run(host, own("console=ttyS0 reboot=t rdinit=/bin/busybox -- reboot -f", ""));
    result.assertExit(122);
    assertTrue(result.stderr().contains("rip"), result::toString);
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void aGuestThatDoesNotComeUpEndsWith123(Host host) throws IOException {
    Host.Result result =
        run(host, own("quiet rdinit=/bin/busybox -- sleep 1000", "--boot-timeout 10"));
    result.assertExit(123);
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void onRebootRestartBootsAgainUntilItIsKilled(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            cd $TMPDIR; guest=%s
            $OLDPWD/javisor run --kernel $guest/vmlinuz --initrd $guest/initramfs --on-reboot restart \\
              --cmdline 'console=ttyS0 rdinit=/bin/busybox -- reboot -f' >out 2>err &
            n=0
            until [ "$(grep -c 'Linux version' out)" -ge 2 ]; do
              sleep 0.5; n=$((n + 1)); [ $n -lt 480 ] || { cat out err; exit 99; }
            done
            kill -TERM $!; sleep 0.2; kill -TERM $! 2>/dev/null
            wait $!
            """
                .formatted(Guests.DIRECTORY));
    result.assertExit(128 + 15);
    Guests.counted(host, "6.1", 1, 1);
    Guests.counted(host, "6.1", 1, 1);
  }
}
