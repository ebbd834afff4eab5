/// What tests of virtio devices share: a driver with its queues, its memory and its ears.
@NullMarked
package dev.javisor.devices.virtio;

import org.jspecify.annotations.NullMarked;
