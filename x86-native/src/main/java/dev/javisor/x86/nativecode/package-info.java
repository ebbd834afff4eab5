/// What of the software engine needs executable memory: code that this package writes itself and
/// calls, and nothing else that is native (the host's processor as SDM 2 has it, the ABI of System
/// V for x86-64). First of all the stub that runs instructions of a guest on the host's processor.
/// Each stub is for one thread, the vCPU's.
@NullMarked
package dev.javisor.x86.nativecode;

import org.jspecify.annotations.NullMarked;
