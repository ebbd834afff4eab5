/// virtio devices and what they share, free of the transport that carries them (virtio 1.3, 2 and
/// 5). A transport (devices.pci) negotiates, then hands a device its queues; from there on one
/// worker thread a device owns them, and back ends answer on threads of their own. What the guest
/// wrote is hostile: it ends in a [dev.javisor.vmm.memory.GuestFault] and a device that needs
/// reset.
@NullMarked
package dev.javisor.devices.virtio;

import org.jspecify.annotations.NullMarked;
