package dev.javisor.kvm;

import dev.javisor.kvm.abi.CoalescedRing;
import dev.javisor.vmm.bus.Device;

/// Takes the stores that wait out of a VM's ring; one for all its vCPUs, which may come at once.
final class CoalescedStores {
  /// Empties the ring of what is in it now. Whoever finds it empty knows that each store has
  /// arrived, not only begun to: an entry is given back after that.
  void deliver(CoalescedRing ring, Device ports, Device mmio) {
    if (!ring.isEmpty()) {
      deliverAll(ring, ports, mmio);
    }
  }

  private synchronized void deliverAll(CoalescedRing ring, Device ports, Device mmio) {
    long indices = ring.indices();
    int last = CoalescedRing.last(indices);
    for (int entry = CoalescedRing.first(indices); entry != last; ) {
      long kind = ring.kind(entry);
      int length = CoalescedRing.length(kind);
      Device bus = CoalescedRing.isPort(kind) ? ports : mmio;
      bus.write(ring.address(entry), length, ring.value(entry, length));
      entry = CoalescedRing.next(entry);
      ring.first(entry);
    }
  }
}
