/// Memory mapped from the host (man 2 mmap, madvise): guest RAM, and the pages KVM shares. A
/// mapping lives as long as the arena it was made in. Any thread.
@NullMarked
package dev.javisor.linux.memory;

import org.jspecify.annotations.NullMarked;
