/// From linear to physical addresses (SDM 3A, ch. 5): the walk through page tables, filling the
/// TLB, and all accesses to memory that the TLB alone cannot do. The vCPU's own thread calls.
@NullMarked
package dev.javisor.x86.mmu;

import org.jspecify.annotations.NullMarked;
