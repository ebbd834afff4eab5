package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// What a guest has to get from its host: the time and randomness.
@Lab(kernels = Guests.LINUX_6_1)
class ClockAndEntropyIT {
  private static final int OFF_SECONDS_MAX = 2;

  /// A date that no build and no RTC default comes near.
  String setTheClock() {
    return "date -s '2031-03-04 05:06:07' >/dev/null";
  }

  @Test
  void theClockIsRightAndThereIsEntropyRightAfterBoot(Host host) throws IOException {
    Host.Result result =
        host.run(
            120,
            """
            %s
            ./javisor run -- sh -c '
              date +%%s
              cat /sys/class/misc/hw_random/rng_current
              dd if=/dev/hwrng bs=64 count=16 iflag=fullblock 2>/dev/null | wc -c
              for i in 1 2; do dd if=/dev/hwrng bs=64 count=1 iflag=fullblock 2>/dev/null | sha256sum; done' |
            { read -r guest; echo "$((guest - $(date +%%s)))"; cat; }
            """
                .formatted(setTheClock()));
    Guests.counted(host, "6.1", 1, 1);
    assertEquals(0, result.exitCode(), result::toString);
    String[] lines = result.stdout().split("\n");
    assertTrue(
        Math.abs(Integer.parseInt(lines[0])) <= OFF_SECONDS_MAX, "off by " + lines[0] + " s");
    assertTrue(lines[1].startsWith("virtio_rng"), result::toString);
    assertEquals("1024", lines[2], result::toString);
    assertNotEquals(lines[3], lines[4], result::toString);
  }
}
