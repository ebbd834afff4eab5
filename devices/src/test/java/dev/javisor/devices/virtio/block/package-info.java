/// Tests of virtio-blk.
@NullMarked
package dev.javisor.devices.virtio.block;

import org.jspecify.annotations.NullMarked;
