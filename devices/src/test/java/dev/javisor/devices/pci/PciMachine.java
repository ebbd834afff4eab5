package dev.javisor.devices.pci;

import dev.javisor.testkit.fake.RecordingDoorbell;
import dev.javisor.testkit.fake.RecordingMachine;
import dev.javisor.testkit.fake.RecordingMsi;
import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// A bus with fake virtio devices on it, and the driver's side of both: configuration accesses and
/// the steps of an initialization, as Linux 6.1 takes them (drivers/pci/probe.c,
/// drivers/virtio/virtio_pci_modern.c).
final class PciMachine {
  static final long RAM_BYTES = 1 << 20;
  static final long ECAM = 0xE000_0000L;
  static final AddressRange WINDOW_32 = new AddressRange(0xC000_0000L, 0x2000_0000L);
  static final AddressRange WINDOW_64 = new AddressRange(0x1_0000_0000L, 0x1000_0000L);

  static final int COMMAND = 0x04;
  static final int BAR_0 = 0x10;

  final RecordingMachine vm;
  final List<FakeVirtio> devices = new ArrayList<>();
  final FlatMemory memory;
  final PciHost host;
  final Bus ports = new Bus("port");
  final Bus mmio = new Bus("mmio");

  PciMachine(Arena arena, boolean ioeventfds, FakeVirtio... devices) {
    this(FlatMemory.of(RAM_BYTES, bytes -> arena.allocate(bytes, 4096)), ioeventfds, devices);
  }

  PciMachine(FlatMemory memory, boolean ioeventfds, FakeVirtio... devices) {
    vm = new RecordingMachine(ioeventfds);
    this.memory = memory;
    List<VirtioPciFunction> functions = new ArrayList<>();
    for (FakeVirtio device : devices) {
      this.devices.add(device);
      int slot = functions.size() + 1;
      functions.add(new VirtioPciFunction(vm, memory, device, slot, assignedBar(slot)));
    }
    host = new PciHost(List.of(WINDOW_32, WINDOW_64), functions);
    ports.attach(new AddressRange(0xCF8, 8), host.configPorts());
    mmio.attach(new AddressRange(ECAM, 1 << 20), host.ecam());
    mmio.attach(WINDOW_32, host.window(WINDOW_32.base()));
    mmio.attach(WINDOW_64, host.window(WINDOW_64.base()));
    ports.freeze();
    mmio.freeze();
  }

  static long assignedBar(int slot) {
    return WINDOW_32.base() + (long) slot * VirtioPciFunction.BAR_BYTES;
  }

  long config(int slot, int register, int size) {
    return mmio.read(ECAM + ((long) slot << 15) + register, size);
  }

  void config(int slot, int register, int size, long value) {
    mmio.write(ECAM + ((long) slot << 15) + register, size, value);
  }

  /// Mechanism 1.
  long portConfig(int bus, int slot, int register, int size) {
    ports.write(0xCF8, 4, 0x8000_0000L | bus << 16 | slot << 11 | register & 0xFC);
    return ports.read(0xCFC + (register & 3), size);
  }

  void memoryDecoding(int slot, boolean on) {
    config(slot, COMMAND, 2, on ? 0x0006 : 0x0004);
  }

  /// The register of the first capability of `id` after `after` whose type, for vendor
  /// capabilities, is `type`; 0 if there is none.
  int capability(int slot, int id, int type) {
    int at = (int) config(slot, 0x34, 1);
    for (int bound = 48; at != 0 && bound > 0; bound--) {
      boolean typed = type < 0 || config(slot, at + 3, 1) == type;
      if (config(slot, at, 1) == id && typed) {
        return at;
      }
      at = (int) config(slot, at + 1, 1);
    }
    return 0;
  }

  /// Where the virtio structure of `type` is, by its capability and the BAR.
  long structure(int slot, int type) {
    int at = capability(slot, 9, type);
    return config(slot, BAR_0, 4) + config(slot, at + 8, 4);
  }

  /// Where vector 0 of the MSI-X table is.
  long msixTable(int slot) {
    return config(slot, BAR_0, 4) + (config(slot, capability(slot, 0x11, -1) + 4, 4) & ~7);
  }

  long msixPending(int slot) {
    return config(slot, BAR_0, 4) + (config(slot, capability(slot, 0x11, -1) + 8, 4) & ~7);
  }

  void msixControl(int slot, boolean enable, boolean maskAll) {
    int at = capability(slot, 0x11, -1);
    config(slot, at + 2, 2, (enable ? 0x8000 : 0) | (maskAll ? 0x4000 : 0));
  }

  /// Points `vector` somewhere and sets its mask bit, as Linux does.
  void msixEntry(int slot, int vector, long address, int data, boolean masked) {
    long entry = msixTable(slot) + vector * 16L;
    mmio.write(entry + 12, 4, 1);
    mmio.write(entry, 4, address & 0xFFFF_FFFFL);
    mmio.write(entry + 4, 4, address >>> 32);
    mmio.write(entry + 8, 4, data);
    mmio.write(entry + 12, 4, masked ? 1 : 0);
  }

  RecordingMsi message(int index) {
    return vm.messages().get(index);
  }

  RecordingDoorbell doorbell(int slot) {
    return vm.doorbells().get(slot - 1);
  }

  long common(int slot, int field, int size) {
    return mmio.read(structure(slot, 1) + field, size);
  }

  void common(int slot, int field, int size, long value) {
    mmio.write(structure(slot, 1) + field, size, value);
  }

  int status(int slot) {
    return (int) common(slot, 0x14, 1);
  }

  void status(int slot, int value) {
    common(slot, 0x14, 1, value);
  }

  void acknowledge(int slot, long features) {
    common(slot, 0x08, 4, 0);
    common(slot, 0x0C, 4, features & 0xFFFF_FFFFL);
    common(slot, 0x08, 4, 1);
    common(slot, 0x0C, 4, features >>> 32);
  }

  long offered(int slot) {
    common(slot, 0x00, 4, 0);
    long low = common(slot, 0x04, 4);
    common(slot, 0x00, 4, 1);
    return low | common(slot, 0x04, 4) << 32;
  }

  void describeQueue(int slot, int queue, int size, long desc, long avail, long used) {
    common(slot, 0x16, 2, queue);
    common(slot, 0x18, 2, size);
    address(slot, 0x20, desc);
    address(slot, 0x28, avail);
    address(slot, 0x30, used);
  }

  private void address(int slot, int field, long gpa) {
    common(slot, field, 4, gpa & 0xFFFF_FFFFL);
    common(slot, field + 4, 4, gpa >>> 32);
  }

  void enableQueue(int slot, int queue) {
    common(slot, 0x16, 2, queue);
    common(slot, 0x1C, 2, 1);
  }

  /// Reset, negotiation of everything offered, status up to FEATURES_OK.
  void negotiate(int slot) {
    memoryDecoding(slot, true);
    status(slot, 0);
    status(slot, 1);
    status(slot, 3);
    acknowledge(slot, offered(slot));
    status(slot, 11);
  }

  /// A driver as far as DRIVER_OK, all queues enabled, vector 0 for changes, 1 and up for queues.
  void start(int slot) {
    negotiate(slot);
    common(slot, 0x10, 2, 0);
    for (int queue = 0; queue < common(slot, 0x12, 2); queue++) {
      long base = 0x10000L * (queue + 1);
      describeQueue(slot, queue, 8, base, base + 0x1000, base + 0x2000);
      common(slot, 0x1A, 2, queue + 1L);
      enableQueue(slot, queue);
    }
    status(slot, 15);
  }

  long notifyAddress(int slot, int queue) {
    return structure(slot, 2) + queue * 4L;
  }

  /// A store by the guest: the doorbell's if one hangs there, else an exit.
  void notifyQueue(int slot, int queue) {
    if (!vm.store(notifyAddress(slot, queue))) {
      mmio.write(notifyAddress(slot, queue), 2, queue);
    }
  }

  byte[] save() {
    StateWriter out = new StateWriter();
    host.save(out);
    return out.toByteArray();
  }

  void load(byte[] saved) {
    host.load(new StateReader(saved));
  }
}
