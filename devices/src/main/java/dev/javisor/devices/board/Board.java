package dev.javisor.devices.board;

import dev.javisor.devices.acpi.AcpiTables;
import dev.javisor.devices.acpi.Platform;
import dev.javisor.devices.acpi.Platform.IsaDevice;
import dev.javisor.devices.acpi.Platform.PciRoot;
import dev.javisor.devices.acpi.PowerButton;
import dev.javisor.devices.acpi.PowerRegisters;
import dev.javisor.devices.legacy.CmosRtc;
import dev.javisor.devices.legacy.I8042;
import dev.javisor.devices.legacy.Pvpanic;
import dev.javisor.devices.legacy.Uart16550;
import dev.javisor.devices.pci.PciHost;
import dev.javisor.devices.pci.VirtioPciFunction;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.state.Quiescent;
import java.util.ArrayList;
import java.util.List;

/// All devices of one machine, each in its place, and the tables that tell the guest.
///
/// @param memoryMap what e820 reports, in rising order
/// @param rsdpGpa where the boot protocol says that ACPI begins
/// @param serial COM1, for its count of lost bytes
/// @param powerButton asks the guest to power off
/// @param pci the bus with all virtio devices
/// @param quiescents every part with state, in the order in which they are quiesced and saved
public record Board(
    List<MemoryMapEntry> memoryMap,
    long rsdpGpa,
    Uart16550 serial,
    PowerButton powerButton,
    PciHost pci,
    List<Quiescent> quiescents)
    implements AutoCloseable {

  public Board {
    memoryMap = List.copyOf(memoryMap);
    quiescents = List.copyOf(quiescents);
  }

  /// Attaches everything to the buses and writes what firmware leaves in RAM. The caller freezes
  /// the buses.
  ///
  /// @throws IllegalArgumentException if RAM is too small or too large for the map
  public static Board build(BoardParts parts) {
    List<MemoryMapEntry> memoryMap = AddressMap.memoryMap(parts.memory());
    AcpiTables tables = AcpiTables.build(platform(parts), AddressMap.ACPI_TABLES.base());
    writeTables(parts, tables);
    ResetVector.write(parts.memory());

    Uart16550 serial = new Uart16550(parts.vm().line(AddressMap.SERIAL_GSI), parts.serial());
    PowerButton button = new PowerButton(parts.vm().line(AddressMap.POWER_BUTTON_GSI));
    CmosRtc rtc = new CmosRtc(parts.time());
    I8042 keyboard = new I8042(parts.endings());
    Bus ports = parts.ports();
    ports.attach(AddressMap.SERIAL, serial);
    ports.attach(AddressMap.RTC, rtc);
    parts.vm().coalescePorts(AddressMap.RTC_INDEX);
    ports.attach(AddressMap.KEYBOARD_DATA, keyboard.dataPort());
    ports.attach(AddressMap.KEYBOARD_COMMAND, keyboard.commandPort());
    ports.attach(AddressMap.PVPANIC, new Pvpanic(parts.endings()));
    ports.attach(AddressMap.POWER, new PowerRegisters(parts.endings()));
    ports.attach(AddressMap.POWER_BUTTON, button);
    PciHost pci = pci(parts);
    return new Board(
        memoryMap,
        tables.rsdpGpa(),
        serial,
        button,
        pci,
        List.of(serial, new Still(rtc), new Still(keyboard), button, pci));
  }

  /// Plugs the devices in and gives each its BAR, in the order of their slots.
  private static PciHost pci(BoardParts parts) {
    List<VirtioPciFunction> functions = new ArrayList<>();
    for (VirtioDevice device : parts.devices()) {
      int slot = functions.size() + 1;
      long bar = AddressMap.PCI_WINDOW_32.base() + (long) slot * VirtioPciFunction.BAR_BYTES;
      functions.add(new VirtioPciFunction(parts.vm(), parts.memory(), device, slot, bar));
    }
    AddressRange upper = AddressMap.pciWindow64(parts.memory(), parts.physicalAddressBits());
    PciHost host = new PciHost(List.of(AddressMap.PCI_WINDOW_32, upper), functions);
    parts.ports().attach(AddressMap.PCI_CONFIG, host.configPorts());
    parts.vm().coalescePorts(AddressMap.PCI_CONFIG_ADDRESS);
    Bus mmio = parts.mmio();
    mmio.attach(AddressMap.PCI_ECAM, host.ecam());
    mmio.attach(AddressMap.PCI_WINDOW_32, host.window(AddressMap.PCI_WINDOW_32.base()));
    mmio.attach(upper, host.window(upper.base()));
    return host;
  }

  /// Gives the interrupts and doorbells of all devices back to the machine. Only after the devices
  /// were closed and joined, since their threads sleep on those.
  @Override
  public void close() {
    pci.close();
  }

  private static void writeTables(BoardParts parts, AcpiTables tables) {
    byte[] image = tables.image();
    if (image.length > AddressMap.ACPI_TABLES.size()) {
      throw new IllegalStateException("ACPI tables of " + image.length + " bytes do not fit");
    }
    parts.memory().write(tables.rsdpGpa(), image);
  }

  /// The keyboard controller is there for its reset line alone, and so not announced: Linux then
  /// says that there is none and does not wait for it.
  private static Platform platform(BoardParts parts) {
    return new Platform(
        parts.vcpuCount(),
        AddressMap.LOCAL_APIC,
        AddressMap.IO_APIC,
        isa(AddressMap.SERIAL, AddressMap.SERIAL_GSI),
        isa(AddressMap.RTC, AddressMap.RTC_GSI),
        CmosRtc.CENTURY,
        false,
        (int) AddressMap.PVPANIC.base(),
        (int) AddressMap.POWER.base(),
        (int) AddressMap.POWER_BUTTON.base(),
        AddressMap.POWER_BUTTON_GSI,
        new PciRoot(
            AddressMap.PCI_ECAM,
            AddressMap.PCI_WINDOW_32,
            AddressMap.pciWindow64(parts.memory(), parts.physicalAddressBits())));
  }

  private static IsaDevice isa(AddressRange ports, int irq) {
    return new IsaDevice((int) ports.base(), (int) ports.size(), irq);
  }
}
