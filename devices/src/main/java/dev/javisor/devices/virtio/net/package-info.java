/// virtio-net, a network card (virtio 1.3, 5.1) over a [dev.javisor.vmm.backend.PacketPort]: one
/// pair of queues, checksum and TSO offloads as negotiated, mergeable receive buffers. All work
/// is done on the device's worker, which the port wakes when frames have come.
@NullMarked
package dev.javisor.devices.virtio.net;

import org.jspecify.annotations.NullMarked;
