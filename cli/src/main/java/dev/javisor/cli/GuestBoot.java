package dev.javisor.cli;

import dev.javisor.cli.machine.BootFiles;
import dev.javisor.vmm.machine.MachineSpec;

/// What a machine boots: the person's kernel, or the built-in guest, made when it is not there yet.
final class GuestBoot {
  private GuestBoot() {}

  static BootFiles files(MachineSpec machine) {
    if (machine.kernel() != null) {
      return new BootFiles(machine.kernel(), machine.initrd(), machine.cmdline());
    }
    throw new UserError("the built-in guest is not there yet: use --kernel");
  }
}
