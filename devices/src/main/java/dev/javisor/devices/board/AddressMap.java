package dev.javisor.devices.board;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.memory.GuestRegion;
import java.util.ArrayList;
import java.util.List;

/// Every address and interrupt of the machine. RAM ends at 3 GiB and goes on at 4 GiB; what lies
/// between belongs to devices and the processor.
public final class AddressMap {
  // Ports
  static final AddressRange KEYBOARD_DATA = new AddressRange(0x60, 1);
  static final AddressRange KEYBOARD_COMMAND = new AddressRange(0x64, 1);
  static final AddressRange RTC = new AddressRange(0x70, 2);
  static final AddressRange RTC_INDEX = new AddressRange(RTC.base(), 1);
  static final AddressRange SERIAL = new AddressRange(0x3F8, 8);
  static final AddressRange PVPANIC = new AddressRange(0x505, 1);
  static final AddressRange POWER = new AddressRange(0x600, 3);
  static final AddressRange POWER_BUTTON = new AddressRange(0x603, 1);
  static final AddressRange PCI_CONFIG = new AddressRange(0xCF8, 8);
  static final AddressRange PCI_CONFIG_ADDRESS = new AddressRange(PCI_CONFIG.base(), 4);

  // Interrupts: a GSI is a pin of the I/O APIC, and for ISA devices the IRQ of the same number
  static final int SERIAL_GSI = 4;
  static final int RTC_GSI = 8;
  static final int POWER_BUTTON_GSI = 9;

  // Memory below 1 MiB
  static final long LOW_RAM_END = 0x9FC00;

  /// Where a legacy search looks for the RSDP, and all tables with it; the [ResetVector] is behind.
  static final AddressRange ACPI_TABLES = new AddressRange(0xE0000, 0x1FFF0);

  static final long HIGH_RAM_START = 0x100000;

  // Memory between 3 and 4 GiB
  static final AddressRange PCI_WINDOW_32 = new AddressRange(0xC000_0000L, 0x2000_0000L);
  static final AddressRange PCI_ECAM = new AddressRange(0xE000_0000L, 1 << 20);
  static final long IO_APIC = 0xFEC0_0000L;
  static final long LOCAL_APIC = 0xFEE0_0000L;

  /// One page that KVM needs on Intel processors (`KVM_SET_IDENTITY_MAP_ADDR`); no RAM is there.
  public static final long KVM_IDENTITY_MAP = 0xFFFB_C000L;

  /// Three pages that KVM needs on Intel processors (`KVM_SET_TSS_ADDR`); no RAM is there.
  public static final long KVM_TSS = 0xFFFB_D000L;

  private static final AddressRange KVM_PAGES = new AddressRange(KVM_IDENTITY_MAP, 4 * 4096);

  // Memory above 4 GiB and all RAM
  private static final long WINDOW_64_ALIGNMENT = 1L << 32;
  private static final long WINDOW_64_BYTES_MAX = 1L << 36;

  private AddressMap() {}

  /// For BARs above all RAM and below what the processor can address.
  ///
  /// @param physicalAddressBits the guest's MAXPHYADDR (CPUID leaf 0x80000008)
  /// @throws IllegalArgumentException if RAM leaves no room for it
  static AddressRange pciWindow64(GuestMemory memory, int physicalAddressBits) {
    long ramEnd = memory.regions().getLast().end();
    long base = (ramEnd + WINDOW_64_ALIGNMENT - 1) / WINDOW_64_ALIGNMENT * WINDOW_64_ALIGNMENT;
    long room = (1L << physicalAddressBits) - base;
    if (room <= 0) {
      throw new IllegalArgumentException(
          "RAM up to 0x%x leaves nothing below the processor's limit of %d address bits"
              .formatted(ramEnd, physicalAddressBits));
    }
    return new AddressRange(base, Math.min(room, WINDOW_64_BYTES_MAX));
  }

  /// What firmware would report by e820, in rising order.
  static List<MemoryMapEntry> memoryMap(GuestMemory memory) {
    List<GuestRegion> ram = memory.regions();
    long lowEnd = ram.getFirst().end();
    if (lowEnd <= HIGH_RAM_START) {
      throw new IllegalArgumentException("a board needs more than 1 MiB of RAM");
    }
    List<MemoryMapEntry> map = new ArrayList<>();
    map.add(new MemoryMapEntry(0, LOW_RAM_END, MemoryMapEntry.RAM));
    map.add(reserved(new AddressRange(LOW_RAM_END, HIGH_RAM_START - LOW_RAM_END)));
    map.add(new MemoryMapEntry(HIGH_RAM_START, lowEnd - HIGH_RAM_START, MemoryMapEntry.RAM));
    map.add(reserved(PCI_ECAM));
    map.add(reserved(KVM_PAGES));
    for (GuestRegion high : ram.subList(1, ram.size())) {
      map.add(new MemoryMapEntry(high.gpa(), high.size(), MemoryMapEntry.RAM));
    }
    return List.copyOf(map);
  }

  private static MemoryMapEntry reserved(AddressRange range) {
    return new MemoryMapEntry(range.base(), range.size(), MemoryMapEntry.RESERVED);
  }
}
