/// The few chips of an old PC that a stock kernel still wants: serial port, clock, keyboard
/// controller's reset line, panic port. Implements the NS16550A and MC146818 data sheets as Linux
/// 6.1 and 6.12 drive them, and QEMU's pvpanic specification. vCPU threads call through the port
/// bus, a console's own thread calls the serial port; each chip guards its registers with one lock.
@NullMarked
package dev.javisor.devices.legacy;

import org.jspecify.annotations.NullMarked;
