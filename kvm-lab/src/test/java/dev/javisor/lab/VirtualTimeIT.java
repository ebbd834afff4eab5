package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.images.micro.MicroGuest;
import dev.javisor.vmm.machine.Ending;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stock Linux twice, instruction for instruction the same, disk, entropy, timers and a person who
/// types included.
class VirtualTimeIT {
  private static final List<String> LINES =
      List.of(
          "date +%F",
          "dd if=/dev/hwrng bs=512 count=64 of=/dev/vda conv=fsync 2>/dev/null; sleep 60",
          "echo 3 >/proc/sys/vm/drop_caches; sha256sum /dev/vda; cat /proc/uptime",
          "poweroff");

  @Test
  void twoBootsAreTheSameInstructionForInstruction(@TempDir Path directory) throws IOException {
    MicroGuest guest = Guests.micro(Guests.LINUX_6_1);
    VirtualBoot first = VirtualBoot.of(guest, disk(directory.resolve("1")), 1, LINES);
    VirtualBoot second = VirtualBoot.of(guest, disk(directory.resolve("2")), 1, LINES);
    assertEquals(new Ending.PowerOff(), first.ending(), first::shown);
    assertTrue(first.shown().contains("2026-01-01"), first::shown);
    assertTrue(first.shown().contains("  /dev/vda"), first::shown);
    assertTrue(first.hashes().size() > 10, () -> first.hashes().toString());
    assertEquals(first.hashes().size(), first.hashes().stream().distinct().count(), "hashes");
    assertEquals(first.hashes(), second.hashes(), "hashes of both");
    assertEquals(first.instructions(), second.instructions(), "instructions");
    assertEquals(first.shown(), second.shown());
    Guests.counted("software", "6.1", 1, 2);
    System.out.printf("%,d instructions, %d hashes%n", first.instructions(), first.hashes().size());
  }

  private static Path disk(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(1 << 20);
    }
    return path;
  }
}
