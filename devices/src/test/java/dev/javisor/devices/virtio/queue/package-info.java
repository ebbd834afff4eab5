/// Tests of the split queue: what an honest driver may expect, and what a hostile one gets.
@NullMarked
package dev.javisor.devices.virtio.queue;

import org.jspecify.annotations.NullMarked;
