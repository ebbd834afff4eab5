package dev.javisor.devices.virtio;

import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.memory.GuestMemory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a transport hands a device at `DRIVER_OK`.
///
/// @param features what was negotiated, ring and transport bits included
/// @param queues one element per queue, null where the driver enabled none. Their geometry was
///     checked: sizes, alignment, all inside RAM.
/// @param kicks rung by the driver's notifications, for whichever queue; the device's worker, and
///     it alone, awaits it, and everybody else may ring it too. It outlives resets.
public record Activation(
    long features,
    List<@Nullable QueueSetup> queues,
    GuestMemory memory,
    VirtioInterrupts interrupts,
    Doorbell kicks) {

  /// Where one split queue lies (virtio 1.3, 2.7).
  ///
  /// @param size entries, a power of two, 1..32768
  public record QueueSetup(int size, long descriptorTable, long availRing, long usedRing) {}

  public boolean has(long featureBit) {
    return (features & featureBit) != 0;
  }
}
