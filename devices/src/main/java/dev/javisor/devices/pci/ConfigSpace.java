package dev.javisor.devices.pci;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Device;
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

  /// Register by register, four bytes each, and which of their bits a driver can change.
  private final int[] values = new int[BYTES / 4];

  private final int[] writable = new int[BYTES / 4];
  private int nextCapability = FIRST_CAPABILITY;
  private int lastLink = CAPABILITIES_POINTER;
  private int barMask;
  private int barAddress;

  /// What a function says it is. `classCode` is base class, subclass and interface, 24 bits.
  record Identity(
      int vendor, int device, int revision, int classCode, int subsystemVendor, int subsystem) {}

  ConfigSpace(Identity identity) {
    set(values, VENDOR_ID, 2, identity.vendor());
    set(values, DEVICE_ID, 2, identity.device());
    set(values, REVISION_ID, 1, identity.revision());
    values[REVISION_ID / 4] |= identity.classCode() << 8; // it takes the other three bytes
    set(values, SUBSYSTEM_VENDOR_ID, 2, identity.subsystemVendor());
    set(values, SUBSYSTEM_ID, 2, identity.subsystem());
    set(writable, CACHE_LINE_SIZE, 1, 0xFF);
    set(writable, INTERRUPT_LINE, 1, 0xFF);
    set(writable, COMMAND, 2, COMMAND_INTX_DISABLE);
  }

  /// Puts the low `size` bytes of `value`, which stay inside one register, at byte `at`.
  private static void set(int[] registers, int at, int size, int value) {
    merge(registers, at, lanes(at, size), value);
  }

  /// The bits of a register that `size` bytes at `at` are.
  private static int lanes(int at, int size) {
    return (size == 4 ? -1 : (1 << 8 * size) - 1) << shift(at);
  }

  private static int shift(int at) {
    return 8 * (at & 3);
  }

  private static void merge(int[] registers, int at, int mask, int value) {
    int old = registers[at / 4];
    registers[at / 4] = old & ~mask | value << shift(at) & mask;
  }

  /// Gives it BAR 0 of `size` bytes, a power of two, at `address`; decoding stays off.
  void addBar(int address, int size) {
    assert Integer.bitCount(size) == 1 && size >= 16 && (address & (size - 1)) == 0;
    barMask = -size;
    barAddress = address;
    set(values, BAR_0, 4, address);
    set(writable, BAR_0, 4, barMask);
    set(writable, COMMAND, 2, COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_INTX_DISABLE);
  }

  /// Appends a capability (PCI 3.0, 6.7) and returns its register.
  ///
  /// @param body what follows its id and next pointer
  /// @param bodyWritable which bits of that a driver can change
  int addCapability(int id, byte[] body, byte[] bodyWritable) {
    int at = nextCapability;
    set(values, lastLink, 1, at);
    set(values, at, 1, id);
    for (int i = 0; i < body.length; i++) {
      set(values, at + 2 + i, 1, body[i]);
      set(writable, at + 2 + i, 1, bodyWritable[i]);
    }
    set(values, STATUS, 2, STATUS_CAPABILITIES);
    lastLink = at + 1;
    nextCapability = (at + 2 + body.length + 3) & -4;
    return at;
  }

  /// `size` bytes inside one register, zero-extended. A conventional function has no extended
  /// space: nobody answers there (PCIe 5.0, 7.2.2), so that a driver does not look for
  /// capabilities.
  int read(int register, int size) {
    if (register >= BYTES) {
      return (int) Device.allOnes(size);
    }
    int value = values[register / 4] >>> shift(register);
    return size == 4 ? value : value & (1 << 8 * size) - 1;
  }

  void write(int register, int size, int value) {
    if (register >= BYTES) {
      return;
    }
    merge(values, register, lanes(register, size) & writable[register / 4], value);
    if ((register & -4) == BAR_0) {
      adoptBar();
    }
  }

  /// Whether a write to `register` may change what [#decoded] says.
  static boolean decides(int register) {
    return (register & -4) == COMMAND || (register & -4) == BAR_0;
  }

  /// All ones ask for the size (PCI 3.0, 6.2.5.1); everything else is an address.
  private void adoptBar() {
    int written = read(BAR_0, 4);
    if (written != barMask) {
      barAddress = written;
    }
  }

  /// Which addresses the BAR decodes now; null with decoding off or without a BAR.
  @Nullable AddressRange decoded() {
    boolean on = barMask != 0 && (read(COMMAND, 2) & COMMAND_MEMORY) != 0;
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
          r.putBytes(bytes());
          r.putInt(barAddress);
        });
  }

  private byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return bytes.array();
  }

  /// Takes over what a driver could have written, nothing else.
  void load(StateReader in, int slot) {
    StateReader r = in.record("pci-config", slot, STATE_VERSION);
    byte[] saved = r.getBytes(BYTES);
    for (int i = 0; i < BYTES; i++) {
      merge(values, i, lanes(i, 1) & writable[i / 4], saved[i]);
    }
    barAddress = r.getInt() & barMask;
  }
}
