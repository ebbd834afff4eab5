package dev.javisor.vmm.memory;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Guest-physical memory as everything but a vCPU sees it. Addresses are guest-physical (`gpa`),
/// sizes are bytes, multi-byte values little-endian (virtio 1.3, 1.4). The guest may change any
/// byte at any moment: read a field once, check the copy, use the copy.
public interface GuestMemory {

  /// A read-only window on RAM; a view, never a copy. A size of 0 is allowed inside RAM.
  ///
  /// @throws GuestFault if the window leaves RAM, wraps, or crosses the hole
  MemorySegment readable(long gpa, long size);

  /// As [#readable], to read numbers from; at most 2 GiB.
  default ByteBuffer readableBytes(long gpa, long size) {
    return readable(gpa, size).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /// As [#writable], to read and write numbers; at most 2 GiB.
  default ByteBuffer writableBytes(long gpa, long size) {
    return writable(gpa, size).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /// A window to write through. What was written must be reported by [#written] before the guest is
  /// told of it; a queue's `complete` does so for the chain it hands back.
  ///
  /// @throws GuestFault as [#readable]
  MemorySegment writable(long gpa, long size);

  /// Says that RAM changed from outside a vCPU. Comes before the used index or the interrupt that
  /// tells the guest.
  void written(long gpa, long size);

  /// Load-acquire of a ring index, a u16: what the driver wrote before publishing it is visible
  /// after. `gpa` is 2-aligned.
  int loadIndex(long gpa);

  /// Store-release of a ring index, the other half of [#loadIndex]; reports itself [#written]
  /// first.
  void storeIndex(long gpa, int index);

  /// The runs of RAM, in rising order of address.
  List<GuestRegion> regions();

  /// RAM from 0 to its end in one segment, the hole included: the address is the offset. Nobody
  /// touches the hole. For engines.
  MemorySegment flat();

  /// From now on `listener` is told of each [#written]. Before the machine starts.
  void subscribe(WriteListener listener);

  /// How much RAM there is, in bytes.
  default long ramBytes() {
    return regions().stream().mapToLong(GuestRegion::size).sum();
  }

  /// Copies `bytes` to `gpa` and reports it: for loaders.
  default void write(long gpa, byte[] bytes) {
    write(gpa, MemorySegment.ofArray(bytes));
  }

  /// Copies `bytes` to `gpa` and reports it: for loaders.
  default void write(long gpa, MemorySegment bytes) {
    writable(gpa, bytes.byteSize()).copyFrom(bytes);
    written(gpa, bytes.byteSize());
  }
}
