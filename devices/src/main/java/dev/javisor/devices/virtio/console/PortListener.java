package dev.javisor.devices.virtio.console;

/// Hears what the guest does with its ends of the ports.
@FunctionalInterface
public interface PortListener {

  /// A process of the guest opened the port, or the last one closed it; then everything written
  /// before has been taken by the console. On the device's worker; must not block.
  void guestOpened(int port, boolean open);
}
