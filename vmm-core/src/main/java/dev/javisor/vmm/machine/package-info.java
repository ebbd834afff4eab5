/// A machine as a whole: what it is made of, the threads that run it, how it pauses and how it
/// ends. Every thread of a machine is a [dev.javisor.vmm.machine.MachineThread], so that a failure
/// anywhere ends the machine with a report instead of leaving it half alive.
@NullMarked
package dev.javisor.vmm.machine;

import org.jspecify.annotations.NullMarked;
