/// The operations of MMX, SSE, SSE2 and the x87, FXSAVE and FXRSTOR (SDM 1, ch. 8 to 11; SDM 2). A
/// few shapes of operation — combine two operands, store, extract, compute — take the work itself
/// as a function over 64-bit halves or over slots of the state block, where registers are and
/// memory operands are copied to. The translator calls [dev.javisor.x86.op.vector.Families];
/// operations run on the vCPU's thread and leave arithmetic to [dev.javisor.x86.fp.FloatingPoint].
@NullMarked
package dev.javisor.x86.op.vector;

import org.jspecify.annotations.NullMarked;
