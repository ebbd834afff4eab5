package dev.javisor.devices.acpi;

import static dev.javisor.devices.acpi.Aml.and;
import static dev.javisor.devices.acpi.Aml.arg;
import static dev.javisor.devices.acpi.Aml.byteField;
import static dev.javisor.devices.acpi.Aml.device;
import static dev.javisor.devices.acpi.Aml.dwordField;
import static dev.javisor.devices.acpi.Aml.eisaId;
import static dev.javisor.devices.acpi.Aml.equal;
import static dev.javisor.devices.acpi.Aml.ifTrue;
import static dev.javisor.devices.acpi.Aml.integer;
import static dev.javisor.devices.acpi.Aml.join;
import static dev.javisor.devices.acpi.Aml.local;
import static dev.javisor.devices.acpi.Aml.method;
import static dev.javisor.devices.acpi.Aml.name;
import static dev.javisor.devices.acpi.Aml.notifyObject;
import static dev.javisor.devices.acpi.Aml.or;
import static dev.javisor.devices.acpi.Aml.otherwise;
import static dev.javisor.devices.acpi.Aml.packageOf;
import static dev.javisor.devices.acpi.Aml.portRegion;
import static dev.javisor.devices.acpi.Aml.ref;
import static dev.javisor.devices.acpi.Aml.result;
import static dev.javisor.devices.acpi.Aml.scope;
import static dev.javisor.devices.acpi.Aml.store;
import static dev.javisor.devices.acpi.Aml.string;
import static dev.javisor.devices.acpi.Aml.uuid;

import dev.javisor.devices.acpi.Platform.IsaDevice;
import dev.javisor.devices.acpi.Platform.PciRoot;
import dev.javisor.vmm.bus.AddressRange;

/// The definition block: every device that is not on the PCI bus, the bus itself, and how to sleep
/// for good (ACPI 6.5, 5.2.11.1 and 6). Names are those a PC's firmware gives.
final class Dsdt {
  /// _OSC for a PCI host bridge (PCI Firmware 3.3, 4.5.1).
  private static final String PCI_HOST_BRIDGE = "33db4d5b-1ff7-401c-9657-7441c03dd766";

  private static final int OSC_UNKNOWN_UUID = 1 << 2;
  private static final int NOTIFY_BUTTON_PRESSED = 0x80;

  /// Ports 0xCF8..0xCFF are the bridge's own, the others are passed to its bus.
  private static final AddressRange PORTS_BELOW_CONFIG = new AddressRange(0, 0xCF8);

  private static final AddressRange PORTS_ABOVE_CONFIG = new AddressRange(0xD00, 0xF300);

  private Dsdt() {}

  /// The terms of the block, without the table's header.
  static byte[] terms(Platform platform) {
    byte[] keyboard = platform.keyboardController() ? keyboard() : new byte[0];
    return join(
        sleep(),
        scope(
            "\\_SB",
            hostBridge(platform.pci()),
            motherboard(platform),
            serial(platform.serial()),
            isaDevice("RTC", "PNP0B00", platform.rtc()),
            keyboard,
            pvpanic(platform.pvpanicPort()),
            powerButton(),
            eventDevice(platform)));
  }

  /// S5's sleep type, in the four elements that some systems insist on.
  private static byte[] sleep() {
    byte[] type = integer(PowerRegisters.SLEEP_TYPE_S5);
    return name("\\_S5", packageOf(type, Aml.ZERO, Aml.ZERO, Aml.ZERO));
  }

  private static byte[] hostBridge(PciRoot pci) {
    Resources resources =
        new Resources()
            .buses(0, 0)
            .ports(0xCF8, 8)
            .portWindow(PORTS_BELOW_CONFIG)
            .portWindow(PORTS_ABOVE_CONFIG)
            .memoryWindow32(pci.window32())
            .memoryWindow64(pci.window64());
    return device(
        "PCI0",
        name("_HID", eisaId("PNP0A08")),
        name("_CID", eisaId("PNP0A03")),
        name("_UID", Aml.ZERO),
        name("_SEG", Aml.ZERO),
        name("_BBN", Aml.ZERO),
        name("_CRS", resources.template()),
        operatingSystemCapabilities());
  }

  /// Leaves to the system whatever it asks for: there is no firmware that would do it instead.
  private static byte[] operatingSystemCapabilities() {
    return method(
        "_OSC",
        4,
        true,
        ifTrue(equal(arg(0), uuid(PCI_HOST_BRIDGE)), result(arg(3))),
        otherwise(
            dwordField(arg(3), 0, "CDW1"),
            or(ref("CDW1"), integer(OSC_UNKNOWN_UUID), ref("CDW1")),
            result(arg(3))));
  }

  /// Linux uses ECAM only where a motherboard device reserves it (mmconfig-shared.c).
  private static byte[] motherboard(Platform platform) {
    Resources resources =
        new Resources()
            .fixedMemory(platform.pci().ecam())
            .ports(platform.power(), PowerRegisters.PORTS)
            .ports(platform.buttonPort(), PowerButton.PORTS);
    return device(
        "MBRD",
        name("_HID", eisaId("PNP0C02")),
        name("_UID", Aml.ZERO),
        name("_CRS", resources.template()));
  }

  private static byte[] serial(IsaDevice serial) {
    return device(
        "COM1",
        name("_HID", eisaId("PNP0501")),
        name("_UID", Aml.ONE),
        name("_CRS", isaResources(serial)));
  }

  private static byte[] isaDevice(String name, String id, IsaDevice isa) {
    return device(name, name("_HID", eisaId(id)), name("_CRS", isaResources(isa)));
  }

  private static byte[] isaResources(IsaDevice isa) {
    return new Resources().ports(isa.port(), isa.ports()).isaInterrupt(isa.irq()).template();
  }

  private static byte[] keyboard() {
    Resources resources = new Resources().ports(0x60, 1).ports(0x64, 1).isaInterrupt(1);
    return device("KBD", name("_HID", eisaId("PNP0303")), name("_CRS", resources.template()));
  }

  private static byte[] pvpanic(int port) {
    return device(
        "PEVT",
        name("_HID", string("QEMU0001")),
        name("_CRS", new Resources().ports(port, 1).template()));
  }

  private static byte[] powerButton() {
    return device("PWRB", name("_HID", eisaId("PNP0C0C")), name("_UID", Aml.ZERO));
  }

  /// The generic event device (ACPI 6.5, 5.6.9): its interrupt makes the system read which event
  /// it was, which also clears it.
  private static byte[] eventDevice(Platform platform) {
    return device(
        "GED",
        name("_HID", string("ACPI0013")),
        name("_UID", Aml.ZERO),
        name("_CRS", new Resources().interrupt(platform.buttonGsi()).template()),
        portRegion("EVTR", platform.buttonPort(), PowerButton.PORTS),
        byteField("EVTR", "EVTS", 8),
        method(
            "_EVT",
            1,
            true,
            store(ref("EVTS"), local(0)),
            ifTrue(
                and(local(0), integer(PowerButton.PRESSED)),
                notifyObject("\\_SB.PWRB", NOTIFY_BUTTON_PRESSED))));
  }
}
