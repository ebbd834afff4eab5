/// The wires of a machine: interrupt lines and messages towards the guest, doorbells from it.
/// Devices hold one end and do not know what is at the other: an eventfd of KVM, our own interrupt
/// controller, or a recording in a test. Any thread may call.
@NullMarked
package dev.javisor.vmm.irq;

import org.jspecify.annotations.NullMarked;
