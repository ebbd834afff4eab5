package dev.javisor.devices.acpi;

import dev.javisor.vmm.bus.AddressRange;

/// What the tables say about the machine; the board fills it in.
///
/// @param cpus how many processors; their APIC ids are 0 to `cpus - 1`
/// @param localApicGpa where each finds its local APIC
/// @param ioApicGpa the one I/O APIC, whose first pin is GSI 0
/// @param serial COM1
/// @param rtc the CMOS clock
/// @param rtcCentury its register for the century
/// @param keyboardController whether the guest is told of an i8042 at its standard place
/// @param pvpanicPort where a panic is reported
/// @param power the first port of the [PowerRegisters]
/// @param buttonPort the event register of the [PowerButton]
/// @param buttonGsi the interrupt that says to read it
/// @param pci the host bridge's windows
public record Platform(
    int cpus,
    long localApicGpa,
    long ioApicGpa,
    IsaDevice serial,
    IsaDevice rtc,
    int rtcCentury,
    boolean keyboardController,
    int pvpanicPort,
    int power,
    int buttonPort,
    int buttonGsi,
    PciRoot pci) {

  /// APIC ids of an 8-bit local APIC, its broadcast address left out.
  public static final int CPUS_MAX = 255;

  public Platform {
    if (cpus < 1 || cpus > CPUS_MAX) {
      throw new IllegalArgumentException(cpus + " processors, 1.." + CPUS_MAX + " are possible");
    }
  }

  /// Something with ports and one edge-triggered interrupt.
  public record IsaDevice(int port, int ports, int irq) {}

  /// A host bridge with the one bus 0.
  ///
  /// @param ecam its configuration space, 1 MiB
  /// @param window32 for BARs below 4 GiB
  /// @param window64 for BARs above all RAM
  public record PciRoot(AddressRange ecam, AddressRange window32, AddressRange window64) {}
}
