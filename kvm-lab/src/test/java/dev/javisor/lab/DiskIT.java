package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// A disk of a stock kernel: what is written stays, what is discarded goes, and a Javisor that is
/// killed leaves a file system that its journal puts right.
@Lab(kernels = Guests.LINUX_6_1)
class DiskIT {
  @Test
  void whatIsWrittenIsThereAfterARebootAndDiscardedBlocksAreFreed(Host host) throws IOException {
    Host.Result result =
        host.run(
            300,
            """
            truncate -s 32M /tmp/disk
            ./javisor run --disk /tmp/disk -- sh -c 'dd if=/dev/urandom of=/dev/vda bs=1M count=32 conv=fsync 2>/dev/null; sha256sum </dev/vda' >/tmp/1 || exit 1
            sha256sum </tmp/disk >/tmp/2
            ./javisor run --disk /tmp/disk -- sh -c 'sha256sum </dev/vda; blkdiscard /dev/vda' >/tmp/3 || exit 3
            cmp /tmp/1 /tmp/2 && cmp /tmp/2 /tmp/3 || exit 2
            stat -c %b /tmp/disk
            """);
    assertEquals(0, result.exitCode(), result::toString);
    assertTrue(Long.parseLong(result.stdout().strip()) < 64, "blocks left: " + result.stdout());
    System.out.println("COUNTS boot 6.1/1/kvm");
    System.out.println("COUNTS boot 6.1/1/kvm");
  }

  @Test
  void aDiskInUseIsRefusedAndAReadOnlyOneIsNotWritten(Host host) throws IOException {
    Host.Result result =
        host.run(
            200,
            """
            truncate -s 8M /tmp/shared
            ./javisor run --disk /tmp/shared -- sh -c 'echo up; sleep 1000' >/tmp/out & first=$!
            until grep -q up /tmp/out; do sleep 0.2; done
            ./javisor run --disk /tmp/shared -- true; echo "rc=$?"
            kill -KILL $first; wait $first
            ./javisor run --disk /tmp/shared,ro -- sh -c 'echo x | dd of=/dev/vda conv=fsync 2>&1 | tail -1; cat /sys/block/vda/ro'
            """);
    assertEquals(0, result.exitCode(), result::toString);
    assertTrue(result.stdout().startsWith("rc=125\n"), result::toString);
    assertTrue(result.stdout().endsWith("\n1\n"), result::toString);
    assertTrue(result.stderr().contains("in use by another machine"), result::toString);
    System.out.println("COUNTS boot 6.1/1/kvm");
    System.out.println("COUNTS boot 6.1/1/kvm");
  }

  @Test
  void aKilledJavisorLeavesAFileSystemThatItsJournalPutsRight(Host host) throws IOException {
    Host.Result result =
        host.run(
            300,
            """
            truncate -s 32M /tmp/ext4 && mke2fs -q -t ext4 /tmp/ext4 || exit 1
            ./javisor run --disk /tmp/ext4 -- sh -c '
              mount -t ext4 /dev/vda /mnt || exit 1
              i=0; while :; do i=$((i + 1)); echo "content $i" >/mnt/file$((i % 200)); [ $((i % 20)) != 0 ] || { sync; echo $i; }; done' >/tmp/out &
            n=0; until [ "$(wc -l </tmp/out)" -ge 10 ]; do sleep 0.1; n=$((n + 1)); [ $n -lt 900 ] || exit 2; done
            kill -KILL $!; wait $!
            debugfs -R features /tmp/ext4 2>/dev/null | grep -q needs_recovery || exit 3
            ./javisor run --disk /tmp/ext4 -- sh -c 'mount -t ext4 /dev/vda /mnt && dmesg | grep -o "recovery complete" && cat /mnt/file* | grep -vc "^content [0-9]*$"; umount /mnt'
            e2fsck -fn /tmp/ext4 >/tmp/fsck 2>&1 || { cat /tmp/fsck; exit 4; }
            """);
    assertEquals(0, result.exitCode(), result::toString);
    assertEquals("recovery complete\n0\n", result.stdout(), result::toString);
    System.out.println("COUNTS boot 6.1/1/kvm");
    System.out.println("COUNTS boot 6.1/1/kvm");
  }
}
