package dev.javisor.devices.board;

import dev.javisor.devices.acpi.PowerRegisters;
import dev.javisor.vmm.memory.GuestMemory;

/// The little there is of a BIOS: code at F000:FFF0, which pulls the reset register. With
/// hardware-reduced ACPI and without EFI, Linux restarts by jumping there in real mode (linux 6.12,
/// arch/x86/kernel/reboot.c, `BOOT_EFI` and then `BOOT_BIOS`); the reset register of the FADT it
/// would try only if told so.
final class ResetVector {
  static final long GPA = 0xF_FFF0;

  private ResetVector() {}

  static void write(GuestMemory memory) {
    int port = (int) AddressMap.POWER.base() + PowerRegisters.RESET;
    byte[] code = {
      (byte) 0xBA,
      (byte) port,
      (byte) (port >> 8), // mov dx, port
      (byte) 0xB0,
      PowerRegisters.RESET_VALUE, // mov al, value
      (byte) 0xEE, // out dx, al
      (byte) 0xF4, // again: hlt
      (byte) 0xEB,
      (byte) 0xFD, // jmp again
    };
    memory.write(GPA, code);
  }
}
