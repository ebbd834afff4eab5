/// Floating point: the x87's and SSE's control and status words, the register file that MMX shares
/// with the x87, and the way to whoever does arithmetic (SDM 1, ch. 8 to 11). The operations of
/// `dev.javisor.x86.op.vector` use it on the vCPU's thread. What computes is found by
/// ServiceLoader, since results are the host CPU's own and running its instructions is not for this
/// module.
@NullMarked
package dev.javisor.x86.fp;

import org.jspecify.annotations.NullMarked;
