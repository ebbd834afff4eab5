/// Guests that do anything whatsoever: short runs of random code in a random mode, with random
/// tables, registers and answers from devices. Whatever they do must end in an exit that a machine
/// knows, within a bounded time.
@NullMarked
package dev.javisor.x86.fuzz;

import org.jspecify.annotations.NullMarked;
