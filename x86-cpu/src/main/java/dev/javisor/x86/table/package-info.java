/// The instructions of the guest's processor as data: one row for each form of an opcode (SDM 2,
/// chapters 3 to 5 and appendix A), in text files that read beside the manual's opcode map, with
/// what each form does to operands and flags and what it may run into. The decoder, the executors
/// and the tests all stand on these rows. Read once, never changed, so any thread may look.
@NullMarked
package dev.javisor.x86.table;

import org.jspecify.annotations.NullMarked;
