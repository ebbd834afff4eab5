/// Tests of the device worker.
@NullMarked
package dev.javisor.devices.virtio.worker;

import org.jspecify.annotations.NullMarked;
