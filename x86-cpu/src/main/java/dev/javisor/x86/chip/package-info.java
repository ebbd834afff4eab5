/// The interrupt controllers and timers of the software engine's machine: local APICs, I/O APIC,
/// the 8259A pair and the 8254. Implements SDM 3A, chapter 11, and Intel's data sheets of 82093AA,
/// 8259A and 8254, with KVM's answers where guests expect those. vCPU threads program the chips,
/// any thread raises interrupts, whoever the engine lets run [Timers] brings expiries; what belongs
/// to one vCPU's thread alone says so.
@NullMarked
package dev.javisor.x86.chip;

import org.jspecify.annotations.NullMarked;
