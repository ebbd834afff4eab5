/// Decoded instructions as objects that know how to run themselves (SDM 2, ch. 3 to 5): the
/// families of operations, and the translator that picks one for an
/// [dev.javisor.x86.decode.Instruction]. An operation changes nothing before all its memory
/// accesses have succeeded, so that a fault can be taken and the instruction run again. Operations
/// hold no state of a processor and are shared by all vCPU threads.
@NullMarked
package dev.javisor.x86.op;

import org.jspecify.annotations.NullMarked;
