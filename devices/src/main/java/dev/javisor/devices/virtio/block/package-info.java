/// virtio-blk, a disk (virtio 1.3, 5.2) over a [dev.javisor.vmm.backend.BlockStore]. Requests are
/// parsed and answered on the device's worker; the store works on threads of its own, on many
/// requests at once, straight in guest memory.
@NullMarked
package dev.javisor.devices.virtio.block;

import org.jspecify.annotations.NullMarked;
