/// From bytes to instructions (SDM 2, chapter 2). [Decoder] finds the form of the bytes at hand in
/// the opcode table and takes them apart; what comes out is all that an executor or a translator
/// needs, and refers to no memory and no register's value. A decoder belongs to one vCPU thread;
/// what it returns is immutable.
@NullMarked
package dev.javisor.x86.decode;

import org.jspecify.annotations.NullMarked;
