package dev.javisor.devices.virtio.queue;

import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.devices.virtio.VirtioFeatures;
import dev.javisor.testkit.virtio.MockDriver;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// A queue, its driver, and a record of what was reported as written.
final class QueueFixture {
  static final long QUEUE = 0x1000;
  static final long TABLE = 0x8000;
  static final long DATA = 0x10000;

  /// A reported write.
  record Write(long gpa, long size) {}

  final FlatMemory memory;
  final List<Write> writes = new ArrayList<>();
  final MockDriver driver;
  Virtqueue queue;

  private final long features;

  QueueFixture(int size, boolean eventIdx) {
    this(size, eventIdx, 0);
  }

  /// @param index where both sides' indices stand
  QueueFixture(int size, boolean eventIdx, int index) {
    this(size, eventIdx, index, 1 << 20);
  }

  QueueFixture(int size, boolean eventIdx, int index, long ramBytes) {
    memory = FlatMemory.of(ramBytes, bytes -> Arena.ofAuto().allocate(bytes, 4096));
    memory.subscribe((gpa, bytes) -> writes.add(new Write(gpa, bytes)));
    features =
        VirtioFeatures.VIRTIO_F_INDIRECT_DESC | (eventIdx ? VirtioFeatures.VIRTIO_F_EVENT_IDX : 0);
    driver = new MockDriver(memory, QUEUE, size, eventIdx, index);
    queue = fresh(features);
    StateWriter at = new StateWriter();
    at.putShort(index);
    if (index != 0) {
      queue.load(new StateReader(at.toByteArray()));
      queue.takeInterruptRequest();
    }
  }

  Virtqueue fresh(long negotiated) {
    return new Virtqueue(
        memory,
        new QueueSetup(
            driver.size(), driver.descriptorTable(), driver.availRing(), driver.usedRing()),
        negotiated);
  }

  /// A new queue object that continues from the bytes of the old.
  void rebuild() {
    StateWriter out = new StateWriter();
    queue.save(out);
    queue = fresh(features);
    queue.load(new StateReader(out.toByteArray()));
  }

  DescriptorChain poll() {
    DescriptorChain chain = queue.poll();
    if (chain == null) {
      throw new AssertionError("no chain");
    }
    return chain;
  }

  MockDriver.Used used() {
    MockDriver.Used used = driver.takeUsed();
    if (used == null) {
      throw new AssertionError("nothing used");
    }
    return used;
  }
}
