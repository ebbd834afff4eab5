package dev.javisor.devices.pci;

import dev.javisor.vmm.bus.Device;

/// Configuration mechanism 1 (PCI 3.0, 3.2.2.3.2): a register for the address, four ports for the
/// data there. Any vCPU thread; drivers serialize the pair themselves.
final class ConfigPorts implements Device {
  private static final int DATA = 4;
  private static final int ENABLE = 1 << 31;
  private static final int BUS_SHIFT = 16;
  private static final int BUS_MASK = 0xFF;
  private static final int SLOT_AND_FUNCTION_SHIFT = 8;
  private static final int SLOT_AND_FUNCTION_MASK = 0xFF;
  private static final int REGISTER_MASK = 0xFC;
  private static final int ECAM_FUNCTION_SHIFT = 12;
  private static final int NOBODY = -1;

  private final PciHost host;
  private volatile int address;

  ConfigPorts(PciHost host) {
    this.host = host;
  }

  int address() {
    return address;
  }

  void address(int value) {
    address = value & ~3;
  }

  @Override
  public long read(long offset, int size) {
    if (offset == 0 && size == 4) {
      return Integer.toUnsignedLong(address);
    }
    int target = target(offset, size);
    return target == NOBODY ? Device.allOnes(size) : host.readConfig(target, size);
  }

  @Override
  public void write(long offset, int size, long value) {
    if (offset == 0 && size == 4) {
      address((int) value);
      return;
    }
    int target = target(offset, size);
    if (target != NOBODY) {
      host.writeConfig(target, size, value);
    }
  }

  /// The address as ECAM has it.
  private int target(long offset, int size) {
    int latched = address;
    boolean data = offset >= DATA && offset + size <= DATA + 4;
    boolean busZero = (latched >>> BUS_SHIFT & BUS_MASK) == 0;
    if (!data || !busZero || (latched & ENABLE) == 0) {
      return NOBODY;
    }
    int function = latched >>> SLOT_AND_FUNCTION_SHIFT & SLOT_AND_FUNCTION_MASK;
    return function << ECAM_FUNCTION_SHIFT | latched & REGISTER_MASK | (int) offset - DATA;
  }
}
