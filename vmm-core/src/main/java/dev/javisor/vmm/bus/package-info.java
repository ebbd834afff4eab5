/// The address spaces in which devices sit: ports and memory-mapped I/O. A bus is frozen before
/// the first vCPU runs, so look-ups take no lock. Any vCPU thread calls; devices know offsets,
/// never addresses, and guard their own state.
@NullMarked
package dev.javisor.vmm.bus;

import org.jspecify.annotations.NullMarked;
