package dev.javisor.cli;

import dev.javisor.cli.machine.BootFiles;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.images.packages.Progress;
import dev.javisor.linux.terminal.Terminal;
import dev.javisor.vmm.machine.MachineSpec;
import java.io.IOException;

/// What a machine boots: the person's kernel, or the built-in guest, made when it is not there yet.
final class GuestBoot {
  private GuestBoot() {}

  /// @throws UserError if the built-in guest cannot be had here
  static BootFiles files(MachineSpec machine) {
    if (machine.kernel() != null) {
      return new BootFiles(machine.kernel(), machine.initrd(), machine.cmdline());
    }
    try {
      MicroGuest guest =
          MicroGuest.prepare(
              machine.kernelPackage(), XdgPaths.cache().resolve("guest"), progress());
      return new BootFiles(
          guest.vmlinux().orElse(guest.kernel()),
          guest.initramfs(),
          (MicroGuest.CMDLINE + " " + machine.cmdline()).strip());
    } catch (IOException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  /// Shown where a person waits, and nowhere else.
  private static Progress progress() {
    return Terminal.isTerminal(2)
        ? (what, bytes) -> System.err.println(Progress.line(what, bytes))
        : Progress.NONE;
  }
}
