package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// A stock kernel's disks: what is written stays, what is discarded goes, a full host is an I/O
/// error in the guest, and a Javisor that is killed leaves a file system that its journal puts
/// right.
@Lab(kernels = Guests.LINUX_6_1)
class DiskIT {

  /// Of a disk of 32 MiB or more, 64 MiB on a host file system of 4 MiB, and one that is only read.
  @Test
  void whatIsWrittenIsThereAfterARebootAndWhatIsDiscardedIsFreed(Host host) throws IOException {
    Host.Result result =
        host.run(
            300,
            """
            cd $TMPDIR; truncate -s %1$dM disk
            mkdir small && mount -t tmpfs -o size=4m tmpfs small && truncate -s 64M small/disk
            head -c 8M /dev/urandom >readonly && sha256sum <readonly >readonly.sum

            $OLDPWD/javisor run --disk disk --disk small/disk --disk readonly,ro -- sh -c '
              dd if=/dev/urandom of=/dev/vda bs=1M count=%1$d conv=fsync 2>/dev/null
              sha256sum </dev/vda
              dd if=/dev/zero of=/dev/vdb bs=1M count=32 conv=fsync 2>&1 | grep -o "Input/output error"
              dd if=/dev/vdb of=/dev/null bs=1M count=2 2>/dev/null && echo "alive"
              cat /sys/block/vdc/ro
              echo x 2>/dev/null >/dev/vdc || echo "not written"
              sha256sum </dev/vdc' >first || exit 1
            sha256sum <disk >disk.sum
            grep -vxf disk.sum first | grep -vxf readonly.sum
            sha256sum <readonly | cmp - readonly.sum || exit 2
            umount small

            $OLDPWD/javisor run --disk disk -- sh -c 'sha256sum </dev/vda; blkdiscard /dev/vda' >second || exit 3
            cmp disk.sum second || exit 4
            [ "$(sed -n 1p first)" = "$(cat disk.sum)" ] || exit 5
            echo "blocks left: $(stat -c %%b disk)"
            """
                .formatted(Scale.of(32, 256)));
    Guests.counted(host, "6.1", 1, 2);
    assertEquals(0, result.exitCode(), result::toString);
    assertEquals(
        "Input/output error\nalive\n1\nnot written\nblocks left: 0\n",
        result.stdout(),
        result::toString);
    assertTrue(
        result.stderr().matches("javisor: disk .*small/disk: write at \\d+ failed: .*ENOSPC.*\\n"),
        result::toString);
  }

  @Test
  void aKilledJavisorLeavesItsDiskUnlockedAndItsJournalPutsItRight(Host host) throws IOException {
    Host.Result result =
        host.run(
            300,
            """
            cd $TMPDIR; truncate -s 32M ext4 && mke2fs -q -t ext4 ext4 || exit 1
            : >written
            $OLDPWD/javisor run --disk ext4 -- sh -c '
              mount -t ext4 /dev/vda /mnt || exit 1
              i=0
              while i=$((i + 1)); do
                echo "content $i" >/mnt/file$((i % 200))
                [ $((i % 20)) != 0 ] || { sync; echo $i; }
              done' >written 2>first.err &
            first=$! n=0
            until [ "$(wc -l <written)" -ge 5 ]; do
              sleep 0.1; n=$((n + 1)); [ $n -lt 1200 ] || { cat first.err; exit 2; }
            done
            $OLDPWD/javisor run --disk ext4 -- true; echo "second: $?"
            before=$(wc -l <written)
            until [ "$(wc -l <written)" -gt "$((before + 2))" ]; do sleep 0.1; done
            kill -KILL $first; wait $first; echo "first: $?"
            debugfs -R features ext4 2>/dev/null | grep -o needs_recovery

            $OLDPWD/javisor run --disk ext4 -- sh -c '
              mount -t ext4 /dev/vda /mnt && dmesg | grep -o "recovery complete"
              cat /mnt/file* | grep -vc "^content [0-9]*$"
              cat /mnt/file* | grep -o "[0-9]*" | sort -n | tail -1 >&2
              umount /mnt' 2>newest
            e2fsck -fn ext4 >fsck 2>&1 || { cat fsck; exit 3; }
            [ "$(cat newest)" -ge "$(tail -1 written)" ] || { cat newest; exit 4; }
            """);
    Guests.counted(host, "6.1", 1, 2);
    assertEquals(0, result.exitCode(), result::toString);
    assertEquals(
        "second: 125\nfirst: 137\nneeds_recovery\nrecovery complete\n0\n",
        result.stdout(),
        result::toString);
    assertTrue(
        result.stderr().startsWith("javisor: ext4: in use by another machine"), result::toString);
    assertEquals(1, refusals(result), result::toString);
  }

  private static long refusals(Host.Result result) {
    return result.stderr().lines().filter(line -> line.startsWith("javisor")).count();
  }
}
