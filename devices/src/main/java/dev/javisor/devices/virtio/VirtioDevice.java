package dev.javisor.devices.virtio;

import dev.javisor.vmm.state.Quiescent;

/// A virtio device as its transport sees it. The transport calls from vCPU threads, one at a time.
///
/// A restore goes: [#load] on a fresh device; if the driver was there, [#activate] with the saved
/// geometry, upon which the device continues its queues where the state says instead of at 0;
/// [#resume]. Between load and resume it touches nothing.
public interface VirtioDevice extends Quiescent {

  /// Its number in the specification (virtio 1.3, 5): 1 net, 2 block, 3 console, 4 entropy.
  int deviceId();

  /// The largest size of each queue, a power of two each; as many elements as there are queues.
  int[] queueSizes();

  /// How many interrupts its queues are worth, 1..queues: one each, so that a driver knows at once
  /// where to look, or fewer, which the driver then has them share.
  default int queueInterrupts() {
    return queueSizes().length;
  }

  /// The device's own feature bits (0..23 and 50..). The transport adds those of the ring and of
  /// itself: `VIRTIO_F_VERSION_1`, `VIRTIO_F_INDIRECT_DESC`, `VIRTIO_F_EVENT_IDX`.
  long features();

  /// The length of the device configuration space in bytes.
  int configBytes();

  /// Reads 1, 2 or 4 bytes at `offset`, all inside [#configBytes] (8-byte fields are read as two).
  long readConfig(int offset, int size);

  /// Writes likewise; read-only fields ignore it.
  void writeConfig(int offset, int size, long value);

  /// `DRIVER_OK`: from now on the device may use its queues. Comes at most once between two resets.
  void activate(Activation activation);

  /// Forgets the driver. Returns at once; `done` is called, on any thread, when the device will not
  /// touch guest memory any more. The transport shows a status other than 0 until then.
  void reset(Runnable done);

  /// Ends the device's thread and back end for good, without waiting for requests in flight.
  void close();

  /// Waits after [#close], at most `millis`, until nothing of the device can touch guest memory,
  /// which only then may be unmapped, and another machine may have its back end.
  ///
  /// @return false if a back end still holds some then: leave the memory where it is
  default boolean join(long millis) {
    return true;
  }
}
