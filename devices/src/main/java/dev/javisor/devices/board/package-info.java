/// The one place that knows which device sits where: ports, addresses and interrupts of the machine
/// a guest sees, and how e820 and ACPI tell it. A caller builds the board once, on its own thread,
/// then freezes the buses; after that everything here is read-only.
@NullMarked
package dev.javisor.devices.board;

import org.jspecify.annotations.NullMarked;
