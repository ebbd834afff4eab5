package dev.javisor.cli.doctor;

import dev.javisor.kvm.KvmProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/// How fast KVM was found to run guests, in a file that counts for one boot of the host.
final class KnownSpeed {
  /// Below this many MIPS it is no busy host that is to blame: emulating KVMs reach 2 to 3,
  /// hardware that is itself emulated 245.
  private static final double EMULATED_MIPS_MAX = 10;

  private final Path file;
  private final String boot;

  /// @param cache the directory; made when needed
  /// @param boot the kernel's `boot_id`
  KnownSpeed(Path cache, String boot) {
    this.file = cache.resolve("kvm-mips");
    this.boot = boot;
  }

  /// In MIPS; -1 if nothing is known of this boot.
  double mips() {
    String[] known = KvmInspection.read(file).strip().split(" ", -1);
    if (known.length == 2 && known[0].equals(boot)) {
      try {
        return Double.parseDouble(known[1]);
      } catch (NumberFormatException e) {
        // somebody else's file
      }
    }
    return -1;
  }

  /// Keeps it, if it is beyond doubt.
  void remember(double mips) {
    boolean isEmulated = mips > 0 && mips < EMULATED_MIPS_MAX;
    if (mips >= KvmProbe.HARDWARE_MIPS_MIN || isEmulated) {
      write(String.format(Locale.ROOT, "%s %.1f%n", boot, mips));
    }
  }

  private void write(String line) {
    try {
      Files.createDirectories(file.getParent());
      Path fresh = Files.createTempFile(file.getParent(), "kvm-mips", ".tmp");
      Files.writeString(fresh, line);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // A cache that cannot be written costs a measurement each time, nothing more.
    }
  }
}
