package dev.javisor.kvm;

import dev.javisor.kvm.abi.CoalescedRing;
import dev.javisor.vmm.bus.Device;

/// Takes the stores that wait out of a VM's ring; one for all its vCPUs, which may come at once.
final class CoalescedStores {
  /// Empties the ring of what is in it now.
  void deliver(CoalescedRing ring, Device ports, Device mmio) {
    if (!ring.isEmpty()) {
      synchronized (this) {
        ring.drain(ports, mmio);
      }
    }
  }
}
