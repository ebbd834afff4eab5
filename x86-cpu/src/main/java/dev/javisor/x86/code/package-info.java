/// Running guest code: decoded blocks by physical page, and the loop that goes from block to block,
/// takes faults to their handlers and comes back when someone wants attention. The cache is shared
/// by all vCPU threads of a machine, everything else is one thread's.
@NullMarked
package dev.javisor.x86.code;

import org.jspecify.annotations.NullMarked;
