package dev.javisor.vmm.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A machine as a person asks for it, before anything is opened. Plain data: its JSON form is the
/// command's business.
///
/// @param kernel a bzImage or ELF, or null for the built-in guest's
/// @param kernelPackage the distribution's package the built-in guest's kernel comes from
/// @param initrd or null for none (with `kernel`) or the built-in guest's
/// @param cmdline what is added to the kernel's command line
/// @param cpus 1..255
/// @param memoryBytes a multiple of 4096
/// @param bootTimeoutSeconds how long until the guest must have come up; 0 for ever
/// @param command what to run in the guest; empty for a shell
public record MachineSpec(
    String name,
    @Nullable Path kernel,
    String kernelPackage,
    @Nullable Path initrd,
    String cmdline,
    int cpus,
    long memoryBytes,
    List<Disk> disks,
    Network network,
    ConsoleKind console,
    Accel accel,
    OnReboot onReboot,
    int bootTimeoutSeconds,
    List<String> command) {

  public static final long MEMORY_BYTES_MIN = 64L << 20;
  public static final int CPUS_MAX = 255;

  public MachineSpec {
    disks = List.copyOf(disks);
    command = List.copyOf(command);
    if (cpus < 1 || cpus > CPUS_MAX) {
      throw new IllegalArgumentException("cpus: " + cpus + ", must be 1 to " + CPUS_MAX);
    }
    if (memoryBytes < MEMORY_BYTES_MIN) {
      throw new IllegalArgumentException(
          "memory: %d bytes, must be at least 64M".formatted(memoryBytes));
    }
    if (memoryBytes % 4096 != 0) {
      throw new IllegalArgumentException("memory: not a multiple of 4096 bytes: " + memoryBytes);
    }
  }

  /// A raw image or block device.
  public record Disk(Path path, boolean readOnly) {}

  /// What the network card is plugged into.
  public sealed interface Network {
    /// No card.
    record None() implements Network {}

    /// A TAP interface of the host's.
    ///
    /// @param mac the guest's address, `02:00:00:00:00:01`; empty for one made up at each start
    /// @param mtu in bytes; 0 for the interface's own
    record Tap(String name, String mac, int mtu) implements Network {
      private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");

      public Tap {
        if (!mac.isEmpty() && !MAC.matcher(mac).matches()) {
          throw new IllegalArgumentException(
              "mac: '" + mac + "' is no address: say 02:00:00:00:00:01");
        }
        if (mtu != 0 && (mtu < 68 || mtu > 65535)) {
          throw new IllegalArgumentException("mtu: " + mtu + ", must be 68 to 65535");
        }
      }
    }
  }

  /// Where the shell is.
  public enum ConsoleKind {
    VIRTIO,
    SERIAL
  }

  public enum Accel {
    AUTO,
    KVM,
    /// Our own processor.
    SOFTWARE
  }

  /// What a guest's reboot does.
  public enum OnReboot {
    EXIT,
    RESTART
  }

  /// Whether the guest is the built-in one.
  public boolean isMicro() {
    return kernel == null;
  }
}
