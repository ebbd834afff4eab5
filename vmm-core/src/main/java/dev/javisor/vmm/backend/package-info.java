/// The far ends of devices, as devices need them: stores of blocks, ports for packets, consoles
/// and entropy. Implementations live where files and sockets may be touched; they own their
/// threads, and answer on them. What they are handed stays valid until they have answered.
@NullMarked
package dev.javisor.vmm.backend;

import org.jspecify.annotations.NullMarked;
