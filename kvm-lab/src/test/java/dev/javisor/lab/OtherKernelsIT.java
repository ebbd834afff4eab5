package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// More of Debian's kernels on our own processor, for the long run: the one for any hardware, and
/// two guests at once.
@OnSoftware(kernels = {Guests.LINUX_6_1, Guests.LINUX_6_12, Guests.LINUX_GENERIC})
@Tag("long")
class OtherKernelsIT {
  private static final int TIMEOUT_SECONDS = 500;

  @Test
  void theGenericKernelBootsToACommand(Host host) throws IOException {
    SoftwareIT.bootsToACommand(host, Guests.LINUX_GENERIC, "6\\.1\\.[0-9]+-[0-9]+-amd64");
  }

  /// Each fills a disk and reads it while the other does the same.
  @Test
  void twoGuestsOfDifferentKernelsWorkAtOnce(Host host) throws IOException {
    Host.Result result =
        host.run(
            TIMEOUT_SECONDS,
            """
            guest() {
              truncate -s 16M $TMPDIR/$1.img
              ./javisor run --kernel-package $2 --disk $TMPDIR/$1.img -- sh -c '
                uname -r | cut -d. -f1,2
                dd if=/dev/urandom of=/dev/vda bs=1M conv=fsync 2>/dev/null; sha256sum </dev/vda' >$TMPDIR/$1.out
              echo "$1: $?"
            }
            guest old %s >$TMPDIR/old.end & guest new %s >$TMPDIR/new.end & wait
            cat $TMPDIR/old.end $TMPDIR/new.end
            for g in old new; do head -1 $TMPDIR/$g.out
              [ "$(tail -1 $TMPDIR/$g.out)" = "$(sha256sum <$TMPDIR/$g.img)" ] && echo same; done
            """
                .formatted(Guests.LINUX_6_1, Guests.LINUX_6_12));
    result.assertExit(0);
    assertEquals("old: 0\nnew: 0\n6.1\nsame\n6.12\nsame\n", result.stdout(), result::toString);
  }
}
