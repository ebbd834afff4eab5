/// Tests of virtio-console, with a driver that does what Linux's does.
@NullMarked
package dev.javisor.devices.virtio.console;

import org.jspecify.annotations.NullMarked;
