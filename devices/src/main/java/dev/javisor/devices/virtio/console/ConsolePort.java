package dev.javisor.devices.virtio.console;

import dev.javisor.vmm.backend.ByteConsole;

/// What a port is made of. Its number is its place among the device's ports.
///
/// @param name what the guest finds under `/sys/class/virtio-ports/…/name`
/// @param isConsole becomes `hvcN` in the guest, which expects its writes to be taken at once:
///     Linux spins for that with interrupts off. So where other ports push back on the writing
///     process, a console port keeps the latest output and says how much it dropped.
/// @param console the far end; belongs to the device
public record ConsolePort(String name, boolean isConsole, ByteConsole console) {}
