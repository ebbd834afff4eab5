package dev.javisor.devices.acpi;

import static dev.javisor.devices.acpi.Aml.join;
import static dev.javisor.devices.acpi.Aml.little;

import dev.javisor.vmm.bus.AddressRange;
import java.util.ArrayList;
import java.util.List;

/// A resource template (ACPI 6.5, 6.4), descriptor by descriptor. Interrupts are edge-triggered,
/// active high and not shared; address spaces are what a bridge produces for those behind it.
final class Resources {
  private static final int WORD_ADDRESS_SPACE = 0x88;
  private static final int DWORD_ADDRESS_SPACE = 0x87;
  private static final int QWORD_ADDRESS_SPACE = 0x8A;
  private static final int MEMORY = 0;
  private static final int IO = 1;
  private static final int BUS_NUMBER = 2;
  private static final int FIXED_MIN_AND_MAX = 0x0C;
  private static final int READ_WRITE = 0x01;
  private static final int ENTIRE_IO = 0x03;

  private final List<byte[]> descriptors = new ArrayList<>();

  Resources ports(int port, int count) {
    return add(
        little(0x47, 1),
        little(1, 1),
        little(port, 2),
        little(port, 2),
        little(1, 1),
        little(count, 1));
  }

  Resources isaInterrupt(int irq) {
    return add(little(0x23, 1), little(1L << irq, 2), little(0x01, 1));
  }

  Resources interrupt(int gsi) {
    return add(little(0x89, 1), little(6, 2), little(0x03, 1), little(1, 1), little(gsi, 4));
  }

  Resources fixedMemory(AddressRange range) {
    return add(
        little(0x86, 1),
        little(9, 2),
        little(READ_WRITE, 1),
        little(range.base(), 4),
        little(range.size(), 4));
  }

  Resources buses(int first, int last) {
    return window(WORD_ADDRESS_SPACE, BUS_NUMBER, 0, new AddressRange(first, last - first + 1L), 2);
  }

  Resources portWindow(AddressRange range) {
    return window(WORD_ADDRESS_SPACE, IO, ENTIRE_IO, range, 2);
  }

  Resources memoryWindow32(AddressRange range) {
    return window(DWORD_ADDRESS_SPACE, MEMORY, READ_WRITE, range, 4);
  }

  Resources memoryWindow64(AddressRange range) {
    return window(QWORD_ADDRESS_SPACE, MEMORY, READ_WRITE, range, 8);
  }

  private Resources window(int tag, int type, int typeFlags, AddressRange range, int width) {
    return add(
        little(tag, 1),
        little(3 + 5L * width, 2),
        little(type, 1),
        little(FIXED_MIN_AND_MAX, 1),
        little(typeFlags, 1),
        little(0, width), // granularity
        little(range.base(), width),
        little(range.end() - 1, width),
        little(0, width), // translation
        little(range.size(), width));
  }

  private Resources add(byte[]... fields) {
    descriptors.add(join(fields));
    return this;
  }

  /// The buffer for `_CRS`, with its end tag; a checksum of 0 means none.
  byte[] template() {
    return Aml.buffer(join(join(descriptors.toArray(byte[][]::new)), new byte[] {0x79, 0}));
  }
}
