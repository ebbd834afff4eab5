package dev.javisor.devices.virtio;

/// The device's way back to its driver. Any thread; never blocks.
public interface VirtioInterrupts {

  /// Used buffers are in queue `index` and the driver wants to know. The caller has asked the
  /// queue.
  void usedBuffers(int index);

  /// The device configuration changed (virtio 1.3, 4.1.4.5.3): new generation, then the interrupt.
  void configChanged();

  /// Sets `DEVICE_NEEDS_RESET` and interrupts (virtio 1.3, 2.1.2). `why` is for the log, once.
  void needsReset(String why);
}
