/// The thread of a virtio device: one a device, asleep on the doorbell its transport rings,
/// waking for kicks, completions of back ends and whoever wants to pause, reset or end the
/// device. Devices extend [QueueDevice] and write only what they do with their queues;
/// everything they own is touched by this thread alone, or by a restoring one before it starts.
@NullMarked
package dev.javisor.devices.virtio.worker;

import org.jspecify.annotations.NullMarked;
