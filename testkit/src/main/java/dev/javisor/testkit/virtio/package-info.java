/// The driver's side of virtio, for tests of devices and transports: split queues as a driver fills
/// them (virtio 1.3, 2.7), honest by default, with a way to write any hostile byte. One test thread
/// at a time; writes are the guest's, so they are not reported to [GuestMemory#written].
@NullMarked
package dev.javisor.testkit.virtio;

import org.jspecify.annotations.NullMarked;
