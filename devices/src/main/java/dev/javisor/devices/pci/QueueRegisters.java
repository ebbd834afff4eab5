package dev.javisor.devices.pci;

import dev.javisor.devices.virtio.Activation.QueueSetup;
import dev.javisor.vmm.memory.GuestFault;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;

/// What the driver says of one queue (virtio 1.3, 4.1.4.3). The transport's lock guards it, but for
/// the vector, which device threads read.
final class QueueRegisters {
  private static final int DESCRIPTOR_BYTES = 16;
  private static final int DESCRIPTOR_ALIGNMENT = 16;
  private static final int AVAIL_ALIGNMENT = 2;
  private static final int USED_ALIGNMENT = 4;

  /// Flags and index before an avail ring's elements, an event index after them.
  private static final int AVAIL_FIXED_BYTES = 6;

  private static final int AVAIL_ELEMENT_BYTES = 2;
  private static final int USED_FIXED_BYTES = 6;
  private static final int USED_ELEMENT_BYTES = 8;

  final int maxSize;
  int size;
  boolean enabled;
  long descriptorTable;
  long availRing;
  long usedRing;
  volatile int vector;

  QueueRegisters(int maxSize) {
    this.maxSize = maxSize;
    reset();
  }

  void reset() {
    size = maxSize;
    enabled = false;
    descriptorTable = 0;
    availRing = 0;
    usedRing = 0;
    vector = VirtioVectors.NO_VECTOR;
  }

  /// The queue as the device gets it.
  ///
  /// @throws GuestFault if it cannot lie there (virtio 1.3, 2.7)
  QueueSetup checked(GuestMemory memory) {
    if (size < 1 || size > maxSize || Integer.bitCount(size) != 1) {
      throw new GuestFault("a queue of %d entries, at most %d".formatted(size, maxSize));
    }
    checkPart(memory, descriptorTable, DESCRIPTOR_ALIGNMENT, (long) DESCRIPTOR_BYTES * size);
    checkPart(memory, availRing, AVAIL_ALIGNMENT, AVAIL_FIXED_BYTES + AVAIL_ELEMENT_BYTES * size);
    checkPart(memory, usedRing, USED_ALIGNMENT, USED_FIXED_BYTES + USED_ELEMENT_BYTES * size);
    return new QueueSetup(size, descriptorTable, availRing, usedRing);
  }

  private static void checkPart(GuestMemory memory, long gpa, int alignment, long bytes) {
    if (gpa % alignment != 0) {
      throw new GuestFault("part of a queue at 0x%x, not %d-aligned".formatted(gpa, alignment));
    }
    memory.readable(gpa, bytes);
  }

  void save(StateWriter out) {
    out.putShort(size);
    out.putBoolean(enabled);
    out.putLong(descriptorTable);
    out.putLong(availRing);
    out.putLong(usedRing);
    out.putShort(vector);
  }

  void load(StateReader in) {
    size = in.getShort();
    enabled = in.getBoolean();
    descriptorTable = in.getLong();
    availRing = in.getLong();
    usedRing = in.getLong();
    vector = in.getShort();
  }
}
