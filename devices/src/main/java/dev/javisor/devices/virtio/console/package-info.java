/// virtio-console (virtio 1.3, 5.3): any number of ports, each a pair of byte streams over a
/// [dev.javisor.vmm.backend.ByteConsole], and a control queue that names, opens and resizes
/// them. Linux's drivers/char/virtio_console.c is the oracle where the specification is silent.
/// All work is done on the device's worker, which a console wakes when it can go on.
@NullMarked
package dev.javisor.devices.virtio.console;

import org.jspecify.annotations.NullMarked;
