/// How the guest learns what it runs on: ACPI tables (ACPI 6.5, hardware-reduced) and the registers
/// that they name. Stock kernels parse no other description, and on a hardware-reduced machine find
/// even the serial port only here. The tables are built once, before the first vCPU runs; the
/// registers are called by vCPU threads, the power button by any thread.
@NullMarked
package dev.javisor.devices.acpi;

import org.jspecify.annotations.NullMarked;
