package dev.javisor.devices.pci;

import dev.javisor.devices.virtio.Activation;
import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.memory.GuestFault;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.state.Quiescent;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// How a driver and a virtio device come together and part again: status, features, queues, reset
/// (virtio 1.3, 2.1, 2.2, 2.4, 3.1). What the registers look like on the bus is for
/// [CommonConfig]. vCPU threads call. The object's monitor guards it and is held over every call to
/// the device but quiesce; no call from the device takes it, so that a device may call back with
/// locks of its own held.
final class VirtioTransport implements Quiescent {
  static final int ACKNOWLEDGE = 1;
  static final int DRIVER = 2;
  static final int DRIVER_OK = 4;
  static final int FEATURES_OK = 8;
  static final int DEVICE_NEEDS_RESET = 64;
  static final int FAILED = 128;

  private static final long RESET_POLL_NANOS = 100_000;
  private static final int STATE_VERSION = 1;

  private final GuestMemory memory;
  private final VirtioDevice device;
  private final int slot;
  private final long offered;
  private final List<QueueRegisters> queues;
  private final VirtioVectors vectors;
  private final QueueDoorbells doorbells;

  private int status;
  private long acknowledged;
  private boolean activated;
  private boolean resetting;

  /// The device has let go of guest memory; the next to look at the status concludes the reset.
  private volatile boolean released;

  private long notifyGpa;
  private boolean mapped;

  VirtioTransport(VirtualMachine vm, GuestMemory memory, VirtioDevice device, Msix msix, int slot) {
    this.memory = memory;
    this.device = device;
    this.slot = slot;
    this.offered =
        device.features()
            | VirtioFeatures.VIRTIO_F_VERSION_1
            | VirtioFeatures.VIRTIO_F_INDIRECT_DESC
            | VirtioFeatures.VIRTIO_F_EVENT_IDX;
    this.queues = Arrays.stream(device.queueSizes()).mapToObj(QueueRegisters::new).toList();
    String name = "virtio device " + device.deviceId() + " in slot " + slot;
    this.vectors = new VirtioVectors(name, msix, queues);
    this.doorbells = new QueueDoorbells(vm);
  }

  long offeredFeatures() {
    return offered;
  }

  List<QueueRegisters> queues() {
    return queues;
  }

  VirtioVectors vectors() {
    return vectors;
  }

  synchronized int status() {
    concludeReset();
    return status | (vectors.needsReset() ? DEVICE_NEEDS_RESET : 0);
  }

  synchronized long acknowledgedFeatures() {
    return acknowledged;
  }

  /// Features are settled once the device agreed to them.
  synchronized void acknowledge(long features) {
    if (!resetting && (status & FEATURES_OK) == 0) {
      acknowledged = features;
    }
  }

  /// Whether the driver may describe `queue` now: before it is enabled and before `DRIVER_OK`.
  synchronized boolean configurable(QueueRegisters queue) {
    return !resetting && (status & (DRIVER_OK | FAILED)) == 0 && !queue.enabled;
  }

  /// Once enabled a queue stays so until reset; a queue that cannot be there needs one.
  synchronized void enable(QueueRegisters queue) {
    if (!configurable(queue)) {
      return;
    }
    try {
      queue.checked(memory);
      queue.enabled = true;
    } catch (GuestFault fault) {
      vectors.needsReset(String.valueOf(fault.getMessage()));
    }
  }

  /// The driver writes its status: zero resets, bits are only ever added, each in its turn.
  synchronized void writeStatus(int value) {
    concludeReset();
    if (resetting) {
      return;
    }
    if (value == 0) {
      reset();
      return;
    }
    int added = value & ~status;
    status |= added & (ACKNOWLEDGE | FAILED);
    if ((added & DRIVER) != 0 && has(ACKNOWLEDGE)) {
      status |= DRIVER;
    }
    if ((added & FEATURES_OK) != 0 && has(DRIVER) && acceptable()) {
      status |= FEATURES_OK;
    }
    if ((added & DRIVER_OK) != 0 && has(FEATURES_OK) && !has(FAILED)) {
      driverOk();
    }
  }

  private boolean has(int bit) {
    return (status & bit) != 0;
  }

  private boolean acceptable() {
    return (acknowledged & ~offered) == 0
        && (acknowledged & VirtioFeatures.VIRTIO_F_VERSION_1) != 0;
  }

  private void driverOk() {
    status |= DRIVER_OK;
    if (vectors.needsReset()) {
      return;
    }
    try {
      activate();
    } catch (GuestFault fault) {
      vectors.needsReset(String.valueOf(fault.getMessage()));
      return;
    }
    doorbells.doorbell().ring(); // for what was notified before
  }

  private void activate() {
    List<@Nullable QueueSetup> setups = new ArrayList<>();
    for (QueueRegisters queue : queues) {
      setups.add(queue.enabled ? queue.checked(memory) : null);
    }
    device.activate(new Activation(acknowledged, setups, memory, vectors, doorbells.doorbell()));
    activated = true;
    hangDoorbells();
  }

  private void hangDoorbells() {
    if (activated && mapped && !resetting) {
      doorbells.connect(notifyGpa, queues);
    }
  }

  /// A notification that exited. Before `DRIVER_OK` nobody is there to hear it.
  void notified() {
    boolean heard;
    synchronized (this) {
      heard = activated && !resetting;
    }
    if (heard) {
      doorbells.doorbell().ring();
    }
  }

  /// The notification address of queue 0 is at `gpa` now.
  synchronized void mapped(long gpa) {
    mapped = true;
    notifyGpa = gpa;
    hangDoorbells();
  }

  synchronized void unmapped() {
    mapped = false;
    doorbells.disconnect();
  }

  /// The driver sees a status of 0 only when the device has let go of its memory.
  private void reset() {
    if (!activated) {
      forget();
      return;
    }
    resetting = true;
    released = false;
    doorbells.disconnect();
    device.reset(() -> released = true);
    concludeReset();
  }

  private void concludeReset() {
    if (resetting && released) {
      resetting = false;
      activated = false;
      forget();
    }
  }

  private void forget() {
    status = 0;
    acknowledged = 0;
    queues.forEach(QueueRegisters::reset);
    vectors.reset();
  }

  /// The device's own configuration space: 1, 2 or 4 aligned bytes inside it.
  synchronized long readDeviceConfig(long offset, int size) {
    return insideConfig(offset, size)
        ? device.readConfig((int) offset, size) & Device.allOnes(size)
        : Device.allOnes(size);
  }

  synchronized void writeDeviceConfig(long offset, int size, long value) {
    if (insideConfig(offset, size)) {
      device.writeConfig((int) offset, size, value);
    }
  }

  private boolean insideConfig(long offset, int size) {
    boolean natural = (size == 1 || size == 2 || size == 4) && offset % size == 0;
    return natural && offset >= 0 && offset + size <= device.configBytes();
  }

  synchronized void close() {
    doorbells.close();
  }

  /// Waits for a reset under way, then for the device.
  @Override
  public boolean quiesce(long deadlineNanos) {
    return awaitReset(deadlineNanos) && device.quiesce(deadlineNanos);
  }

  private boolean awaitReset(long deadlineNanos) {
    while (!atRest()) {
      if (System.nanoTime() - deadlineNanos >= 0) {
        return false;
      }
      LockSupport.parkNanos(RESET_POLL_NANOS);
    }
    return true;
  }

  private synchronized boolean atRest() {
    concludeReset();
    return !resetting;
  }

  @Override
  public void resume() {
    device.resume();
  }

  @Override
  public synchronized void save(StateWriter out) {
    if (resetting) {
      throw new IllegalStateException("saved in the middle of a reset");
    }
    out.record(
        "virtio-transport",
        slot,
        STATE_VERSION,
        r -> {
          r.putByte(device.deviceId());
          r.putByte(status);
          r.putLong(acknowledged);
          r.putBoolean(activated);
          vectors.save(r);
          r.putShort(queues.size());
          queues.forEach(queue -> queue.save(r));
        });
    device.save(out);
  }

  /// The device first, then, if a driver was there, its queues: it goes on where its state says.
  @Override
  public synchronized void load(StateReader in) {
    StateReader r = in.record("virtio-transport", slot, STATE_VERSION);
    int id = r.getByte();
    if (id != device.deviceId()) {
      throw new StateException(
          "slot %d: the state of virtio device %d for device %d"
              .formatted(slot, id, device.deviceId()));
    }
    status = r.getByte();
    acknowledged = r.getLong();
    boolean driverThere = r.getBoolean();
    vectors.load(r);
    if (r.getShort() != queues.size()) {
      throw new StateException("slot %d: another number of queues".formatted(slot));
    }
    queues.forEach(queue -> queue.load(r));
    device.load(in);
    if (driverThere) {
      reactivate();
    }
  }

  private void reactivate() {
    try {
      if (!acceptable()) {
        throw new StateException("slot %d: features never offered".formatted(slot));
      }
      activate();
    } catch (GuestFault fault) {
      throw new StateException("slot %d: %s".formatted(slot, fault.getMessage()));
    }
  }
}
