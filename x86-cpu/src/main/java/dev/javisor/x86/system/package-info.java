/// What the processor does beyond computing (SDM 3A): segments and their descriptors, exceptions
/// and interrupts, transfers between segments and privilege levels, control registers and modes.
/// Everything works on one [dev.javisor.x86.state.Cpu] on its vCPU's thread, and changes nothing
/// before the last access to memory has succeeded.
@NullMarked
package dev.javisor.x86.system;

import org.jspecify.annotations.NullMarked;
