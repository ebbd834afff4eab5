/// The device's side of split virtqueues (virtio 1.3, 2.7): indirect descriptors, event indices,
/// and every guard against a driver that lies. What the driver wrote is copied once, checked,
/// and the copy used; nonsense ends in a [dev.javisor.vmm.memory.GuestFault]. A queue and its
/// chains belong to one thread, the device's worker; back ends on other threads only fill the
/// windows that a chain handed out.
@NullMarked
package dev.javisor.devices.virtio.queue;

import org.jspecify.annotations.NullMarked;
