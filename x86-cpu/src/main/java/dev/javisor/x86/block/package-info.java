/// Decoded code as it is kept and run: operations in blocks, blocks in pages of physical memory. A
/// block is a straight run of instructions of one page, entered at its first;
/// [dev.javisor.x86.block.Way] leads from one to the next. vCPU threads share them; who changes a
/// page's blocks holds the page's lock.
@NullMarked
package dev.javisor.x86.block;

import org.jspecify.annotations.NullMarked;
