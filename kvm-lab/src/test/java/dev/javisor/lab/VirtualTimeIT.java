package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.images.micro.MicroGuest;
import dev.javisor.testkit.fake.Typist;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.code.OneByOneExecutor;
import dev.javisor.x86.code.OpExecutor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stock Linux, instruction for instruction the same each time, whoever runs its blocks: disk,
/// entropy, timers, a pause and a person who types included.
class VirtualTimeIT {
  private static final List<String> LINES =
      List.of(
          "date +%F",
          "dd if=/dev/hwrng bs=512 count=64 of=/dev/vda conv=fsync 2>/dev/null; sleep 60",
          "echo 3 >/proc/sys/vm/drop_caches; sha256sum /dev/vda; cat /proc/uptime",
          "poweroff");

  @Test
  void twoBootsAndOneFromASavedStateAreTheSame(@TempDir Path directory) throws IOException {
    MicroGuest guest = Guests.micro(Guests.LINUX_6_1);
    try (VirtualBoot first = boot(guest, directory.resolve("1"), OpExecutor::new).begin()) {
      VirtualBoot.Saved saved = first.save();
      Files.copy(directory.resolve("1"), directory.resolve("3"));
      assertEquals(new Ending.PowerOff(), first.end(), first::shown);
      looksAsItShould(first);
      try (VirtualBoot second =
          boot(guest, directory.resolve("2"), OneByOneExecutor::new).begin()) {
        assertEquals(new Ending.PowerOff(), second.end(), second::shown);
        assertSame(first, second, 0);
      }
      try (VirtualBoot third =
          new VirtualBoot(guest, directory.resolve("3"), saved.typist(), OpExecutor::new)
              .begin(saved)) {
        assertEquals(new Ending.PowerOff(), third.end(), third::shown);
        assertSame(first, third, (int) (VirtualBoot.PAUSED_AT / VirtualBoot.PERIOD));
      }
    }
    Guests.counted("software", "6.1", 1, 2);
  }

  private static void looksAsItShould(VirtualBoot boot) {
    assertTrue(boot.shown().contains("2026-01-01"), boot::shown);
    assertTrue(boot.shown().contains("  /dev/vda"), boot::shown);
    assertTrue(boot.hashes().size() > 40, () -> boot.hashes().toString());
    assertEquals(boot.hashes().size(), boot.hashes().stream().distinct().count(), "hashes");
  }

  /// @param missed how many hashes the other one's beginning had
  private static void assertSame(VirtualBoot one, VirtualBoot other, int missed) {
    assertEquals(one.hashes().subList(missed, one.hashes().size()), other.hashes());
    assertEquals(one.instructions(), other.instructions());
    assertEquals(one.shown(), other.shown());
  }

  private static VirtualBoot boot(MicroGuest guest, Path disk, Supplier<BlockExecutor> executor)
      throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(1 << 20);
    }
    return new VirtualBoot(guest, disk, new Typist(LINES), executor);
  }
}
