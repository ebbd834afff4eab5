package dev.javisor.devices.pci;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// The 256 bytes of a type-0 function (PCI 3.0, 6.1): what they hold and which of their bits a
/// driver can change. Capabilities are added before the machine starts. A 32-bit memory BAR may be
/// sized at any time without moving. The host's lock guards it.
final class ConfigSpace {
  static final int BYTES = 256;

  private static final int VENDOR_ID = 0x00;
  private static final int DEVICE_ID = 0x02;
  private static final int COMMAND = 0x04;
  private static final int STATUS = 0x06;
  private static final int REVISION_ID = 0x08;
  private static final int CLASS_CODE = 0x09;
  private static final int CACHE_LINE_SIZE = 0x0C;
  private static final int BAR_0 = 0x10;
  private static final int SUBSYSTEM_VENDOR_ID = 0x2C;
  private static final int SUBSYSTEM_ID = 0x2E;
  private static final int CAPABILITIES_POINTER = 0x34;
  private static final int INTERRUPT_LINE = 0x3C;
  private static final int FIRST_CAPABILITY = 0x40;

  private static final int COMMAND_MEMORY = 1 << 1;
  private static final int COMMAND_BUS_MASTER = 1 << 2;
  private static final int COMMAND_INTX_DISABLE = 1 << 10;
  private static final int STATUS_CAPABILITIES = 1 << 4;

  private static final int STATE_VERSION = 1;

  private final ByteBuffer values = buffer();
  private final ByteBuffer writable = buffer();
  private int nextCapability = FIRST_CAPABILITY;
  private int lastLink = CAPABILITIES_POINTER;
  private int barMask;
  private int barAddress;

  /// What a function says it is. `classCode` is base class, subclass and interface, 24 bits.
  record Identity(
      int vendor, int device, int revision, int classCode, int subsystemVendor, int subsystem) {}

  ConfigSpace(Identity identity) {
    values.putShort(VENDOR_ID, (short) identity.vendor());
    values.putShort(DEVICE_ID, (short) identity.device());
    values.putInt(REVISION_ID, identity.revision() | identity.classCode() << 8);
    values.putShort(SUBSYSTEM_VENDOR_ID, (short) identity.subsystemVendor());
    values.putShort(SUBSYSTEM_ID, (short) identity.subsystem());
    writable.put(CACHE_LINE_SIZE, (byte) 0xFF);
    writable.put(INTERRUPT_LINE, (byte) 0xFF);
    writable.putShort(COMMAND, (short) COMMAND_INTX_DISABLE);
    assert CLASS_CODE == REVISION_ID + 1;
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Gives it BAR 0 of `size` bytes, a power of two, at `address`; decoding stays off.
  void addBar(int address, int size) {
    assert Integer.bitCount(size) == 1 && size >= 16 && (address & (size - 1)) == 0;
    barMask = -size;
    barAddress = address;
    values.putInt(BAR_0, address);
    writable.putInt(BAR_0, barMask);
    writable.putShort(
        COMMAND, (short) (COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_INTX_DISABLE));
  }

  /// Appends a capability (PCI 3.0, 6.7) and returns its register.
  ///
  /// @param body what follows its id and next pointer
  /// @param bodyWritable which bits of that a driver can change
  int addCapability(int id, byte[] body, byte[] bodyWritable) {
    int at = nextCapability;
    values.put(lastLink, (byte) at);
    values.put(at, (byte) id);
    values.put(at + 2, body);
    writable.put(at + 2, bodyWritable);
    values.putShort(STATUS, (short) STATUS_CAPABILITIES);
    lastLink = at + 1;
    nextCapability = (at + 2 + body.length + 3) & -4;
    return at;
  }

  /// The extended space of a conventional function is empty, and reads as zero.
  int read(int register, int size) {
    if (register >= BYTES) {
      return 0;
    }
    return switch (size) {
      case 1 -> values.get(register) & 0xFF;
      case 2 -> values.getShort(register) & 0xFFFF;
      default -> values.getInt(register);
    };
  }

  void write(int register, int size, int value) {
    if (register >= BYTES) {
      return;
    }
    for (int i = 0; i < size; i++) {
      merge(register + i, (byte) (value >>> (8 * i)), writable.get(register + i));
    }
    if ((register & -4) == BAR_0) {
      adoptBar();
    }
  }

  private void merge(int at, byte value, byte mask) {
    values.put(at, (byte) ((values.get(at) & ~mask) | (value & mask)));
  }

  /// All ones ask for the size (PCI 3.0, 6.2.5.1); everything else is an address.
  private void adoptBar() {
    int written = values.getInt(BAR_0);
    if (written != barMask) {
      barAddress = written;
    }
  }

  /// Which addresses the BAR decodes now; null with decoding off or without a BAR.
  @Nullable AddressRange decoded() {
    boolean on = barMask != 0 && (values.getShort(COMMAND) & COMMAND_MEMORY) != 0;
    return on
        ? new AddressRange(Integer.toUnsignedLong(barAddress), Integer.toUnsignedLong(-barMask))
        : null;
  }

  void save(StateWriter out, int slot) {
    out.record(
        "pci-config",
        slot,
        STATE_VERSION,
        r -> {
          r.putBytes(values.array());
          r.putInt(barAddress);
        });
  }

  /// Takes over what a driver could have written, nothing else.
  void load(StateReader in, int slot) {
    StateReader r = in.record("pci-config", slot, STATE_VERSION);
    byte[] saved = r.getBytes(BYTES);
    for (int i = 0; i < saved.length; i++) {
      merge(i, saved[i], writable.get(i));
    }
    barAddress = r.getInt() & barMask;
  }
}
