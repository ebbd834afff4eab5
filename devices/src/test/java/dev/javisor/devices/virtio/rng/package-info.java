/// Tests of virtio-rng.
@NullMarked
package dev.javisor.devices.virtio.rng;

import org.jspecify.annotations.NullMarked;
