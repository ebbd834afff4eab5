/// virtio-rng, the entropy device (virtio 1.3, 5.4): one queue of buffers to fill. Called as
/// every [dev.javisor.devices.virtio.VirtioDevice]; the source is asked on the device's worker.
@NullMarked
package dev.javisor.devices.virtio.rng;

import org.jspecify.annotations.NullMarked;
