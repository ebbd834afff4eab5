/// Tests of virtio-net.
@NullMarked
package dev.javisor.devices.virtio.net;

import org.jspecify.annotations.NullMarked;
