package dev.javisor.devices.pci;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A virtio device as a PCI function (virtio 1.3, 4.1), modern only: one BAR in which each
/// structure has a page of its own, and the capabilities that say where. The device does not know.
public final class VirtioPciFunction implements PciFunction {
  /// The size of its BAR.
  public static final int BAR_BYTES = 1 << 15;

  private static final int PAGE_SHIFT = 12;
  private static final int PAGE_BYTES = 1 << PAGE_SHIFT;
  private static final int COMMON_PAGE = 0;
  private static final int ISR_PAGE = 1;
  private static final int DEVICE_PAGE = 2;
  private static final int NOTIFY_PAGE = 3;
  private static final int MSIX_TABLE_PAGE = 4;
  private static final int MSIX_PENDING_PAGE = 5;

  private static final int VENDOR = 0x1AF4;
  private static final int MODERN_DEVICE = 0x1040;
  private static final int MODERN_REVISION = 1;
  private static final int SUBSYSTEM = 0x1100;

  private static final int CAP_ID_VENDOR = 0x09;
  private static final int CAP_ID_MSIX = 0x11;
  private static final int CAP_COMMON = 1;
  private static final int CAP_NOTIFY = 2;
  private static final int CAP_ISR = 3;
  private static final int CAP_DEVICE = 4;
  private static final int CAP_PCI_CFG = 5;
  private static final int CAP_BYTES = 16;

  // Offsets from the start of a capability
  private static final int MSIX_CONTROL = 2;
  private static final int CAP_BAR = 4;
  private static final int CAP_OFFSET = 8;
  private static final int CAP_LENGTH = 12;
  private static final int PCI_CFG_DATA = 16;

  private static final int MSIX_ENABLE = 1 << 15;
  private static final int MSIX_FUNCTION_MASK = 1 << 14;
  private static final int STATE_VERSION = 1;

  private final VirtualMachine vm;
  private final VirtioDevice device;
  private final int slot;
  private final ConfigSpace config;
  private final Msix msix;
  private final VirtioTransport transport;
  private final CommonConfig common;
  private final Device msixTable;
  private final Device msixPending;
  private final int msixCapability;
  private final int pciCfgCapability;
  private long barGpa;

  /// @param slot where it will be plugged in
  /// @param barGpa where its BAR is at first, [#BAR_BYTES]-aligned, below 4 GiB
  public VirtioPciFunction(
      VirtualMachine vm, GuestMemory memory, VirtioDevice device, int slot, long barGpa) {
    this.vm = vm;
    this.device = device;
    this.slot = slot;
    int vectors = device.queueInterrupts() + 1; // one is for configuration changes
    if (vectors * Msix.ENTRY_BYTES > PAGE_BYTES || device.configBytes() > PAGE_BYTES) {
      throw new IllegalArgumentException("a device too large for its pages");
    }
    this.msix = new Msix(vm, vectors, slot);
    this.transport = new VirtioTransport(vm, memory, device, msix, slot);
    this.common = new CommonConfig(transport);
    this.msixTable = msix.table();
    this.msixPending = msix.pendingBits();
    this.config = new ConfigSpace(identity(device.deviceId()));
    config.addBar((int) barGpa, BAR_BYTES);
    this.msixCapability = addMsixCapability(vectors);
    addStructure(CAP_COMMON, COMMON_PAGE, CommonConfig.BYTES);
    addStructure(CAP_ISR, ISR_PAGE, 1);
    if (device.configBytes() > 0) {
      addStructure(CAP_DEVICE, DEVICE_PAGE, device.configBytes());
    }
    addNotifyCapability();
    this.pciCfgCapability = addPciCfgCapability();
  }

  private static ConfigSpace.Identity identity(int deviceId) {
    return new ConfigSpace.Identity(
        VENDOR, MODERN_DEVICE + deviceId, MODERN_REVISION, classCode(deviceId), VENDOR, SUBSYSTEM);
  }

  /// What the device is in PCI's own words (PCI Code and ID Assignment 1.11).
  private static int classCode(int deviceId) {
    return switch (deviceId) {
      case 1 -> 0x02_00_00; // Ethernet
      case 2 -> 0x01_80_00; // mass storage, other
      case 3 -> 0x07_80_00; // communication, other
      default -> 0xFF_00_00; // fits no class
    };
  }

  private int addMsixCapability(int vectors) {
    ByteBuffer body = body(12);
    body.putShort((short) (vectors - 1));
    body.putInt(MSIX_TABLE_PAGE << PAGE_SHIFT); // in BAR 0, as the low bits say
    body.putInt(MSIX_PENDING_PAGE << PAGE_SHIFT);
    ByteBuffer writable = body(12);
    writable.putShort((short) (MSIX_ENABLE | MSIX_FUNCTION_MASK));
    return config.addCapability(CAP_ID_MSIX, body.array(), writable.array());
  }

  private void addStructure(int type, int page, int length) {
    byte[] body = structure(CAP_BYTES, type, page, length).array();
    config.addCapability(CAP_ID_VENDOR, body, new byte[body.length]);
  }

  private void addNotifyCapability() {
    int length = device.queueSizes().length * QueueDoorbells.NOTIFY_OFF_MULTIPLIER;
    ByteBuffer body = structure(CAP_BYTES + 4, CAP_NOTIFY, NOTIFY_PAGE, length);
    body.putInt(CAP_BYTES - 2, QueueDoorbells.NOTIFY_OFF_MULTIPLIER);
    config.addCapability(CAP_ID_VENDOR, body.array(), new byte[body.capacity()]);
  }

  /// A window on the BAR for those who cannot reach it (virtio 1.3, 4.1.4.9).
  private int addPciCfgCapability() {
    ByteBuffer body = structure(CAP_BYTES + 4, CAP_PCI_CFG, 0, 0);
    ByteBuffer writable = body(CAP_BYTES + 4);
    writable.put(CAP_BAR - 2, (byte) 0xFF);
    writable.putInt(CAP_OFFSET - 2, -1);
    writable.putInt(CAP_LENGTH - 2, -1);
    return config.addCapability(CAP_ID_VENDOR, body.array(), writable.array());
  }

  /// `struct virtio_pci_cap` without its first two bytes, for BAR 0.
  private static ByteBuffer structure(int capabilityBytes, int type, int page, int length) {
    ByteBuffer body = body(capabilityBytes);
    body.put(0, (byte) capabilityBytes);
    body.put(1, (byte) type);
    body.putInt(CAP_OFFSET - 2, page << PAGE_SHIFT);
    body.putInt(CAP_LENGTH - 2, length);
    return body;
  }

  private static ByteBuffer body(int capabilityBytes) {
    return ByteBuffer.allocate(capabilityBytes - 2).order(LITTLE_ENDIAN);
  }

  @Override
  public int readConfig(int register, int size) {
    if (register == pciCfgCapability + PCI_CFG_DATA && windowIsValid()) {
      return (int) readBar(windowOffset(), windowLength());
    }
    return config.read(register, size);
  }

  @Override
  public void writeConfig(int register, int size, int value) {
    if (register == pciCfgCapability + PCI_CFG_DATA) {
      if (windowIsValid()) {
        writeBar(windowOffset(), windowLength(), value & Device.allOnes(windowLength()));
      }
      return;
    }
    config.write(register, size, value);
    updateMsix();
  }

  private void updateMsix() {
    int control = config.read(msixCapability + MSIX_CONTROL, 2);
    msix.control((control & MSIX_ENABLE) != 0, (control & MSIX_FUNCTION_MASK) != 0);
  }

  private boolean windowIsValid() {
    int length = windowLength();
    return config.read(pciCfgCapability + CAP_BAR, 1) == 0
        && (length == 1 || length == 2 || length == 4)
        && windowOffset() % length == 0
        && windowOffset() + length <= BAR_BYTES;
  }

  private long windowOffset() {
    return Integer.toUnsignedLong(config.read(pciCfgCapability + CAP_OFFSET, 4));
  }

  private int windowLength() {
    return config.read(pciCfgCapability + CAP_LENGTH, 4);
  }

  @Override
  public @Nullable AddressRange decoded() {
    return config.decoded();
  }

  @Override
  public Device bar() {
    return new Device() {
      @Override
      public long read(long offset, int size) {
        return readBar(offset, size);
      }

      @Override
      public void write(long offset, int size, long value) {
        writeBar(offset, size, value);
      }
    };
  }

  private long readBar(long offset, int size) {
    long within = offset & (PAGE_BYTES - 1);
    return switch ((int) (offset >>> PAGE_SHIFT)) {
      case COMMON_PAGE -> common.read(within, size);
      case ISR_PAGE -> within == 0 && size == 1 ? transport.vectors().takeIsr() : ones(size);
      case DEVICE_PAGE -> transport.readDeviceConfig(within, size);
      case MSIX_TABLE_PAGE -> msixTable.read(within, size);
      case MSIX_PENDING_PAGE -> msixPending.read(within, size);
      default -> ones(size); // notifications are only written
    };
  }

  private static long ones(int size) {
    return Device.allOnes(size);
  }

  private void writeBar(long offset, int size, long value) {
    long within = offset & (PAGE_BYTES - 1);
    switch ((int) (offset >>> PAGE_SHIFT)) {
      case COMMON_PAGE -> common.write(within, size, value);
      case DEVICE_PAGE -> transport.writeDeviceConfig(within, size, value);
      case NOTIFY_PAGE -> notified(within);
      case MSIX_TABLE_PAGE -> msixTable.write(within, size, value);
      default -> {} // read-only or nothing
    }
  }

  /// The address says which queue, and all share one doorbell, so the value is of no interest.
  private void notified(long within) {
    int queue = (int) within / QueueDoorbells.NOTIFY_OFF_MULTIPLIER;
    if (within % QueueDoorbells.NOTIFY_OFF_MULTIPLIER == 0 && queue < transport.queues().size()) {
      transport.notified();
    }
  }

  @Override
  public void mapped(long gpa) {
    barGpa = gpa;
    descriptions().forEach(vm::coalesce);
    transport.mapped(gpa + ((long) NOTIFY_PAGE << PAGE_SHIFT));
  }

  @Override
  public void unmapped() {
    descriptions().forEach(vm::separate);
    transport.unmapped();
  }

  private List<AddressRange> descriptions() {
    List<AddressRange> ranges = new ArrayList<>();
    for (AddressRange range : CommonConfig.DESCRIPTIONS) {
      ranges.add(new AddressRange(barGpa + range.base(), range.size())); // its page is the first
    }
    return ranges;
  }

  @Override
  public void close() {
    transport.close();
    msix.close();
  }

  @Override
  public boolean quiesce(long deadlineNanos) {
    return transport.quiesce(deadlineNanos);
  }

  @Override
  public void resume() {
    transport.resume();
  }

  @Override
  public void save(StateWriter out) {
    config.save(out, slot);
    msix.save(out);
    out.record("virtio-common", slot, STATE_VERSION, common::save);
    transport.save(out);
  }

  @Override
  public void load(StateReader in) {
    config.load(in, slot);
    msix.load(in);
    common.load(in.record("virtio-common", slot, STATE_VERSION));
    transport.load(in);
  }
}
