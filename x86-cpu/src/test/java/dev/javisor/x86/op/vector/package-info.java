/// Holds MMX, SSE and x87 operations, one instruction at a time, against the manual (SDM 2) and
/// against results that a processor gave. [dev.javisor.x86.op.vector.Rig] is the processor they run
/// on.
@NullMarked
package dev.javisor.x86.op.vector;

import org.jspecify.annotations.NullMarked;
