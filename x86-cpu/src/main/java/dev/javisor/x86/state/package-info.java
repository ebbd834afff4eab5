/// What a guest can see of one processor: its registers, flags, segments and its own view of memory
/// (SDM 1, ch. 3; SDM 3A, ch. 2), at the offsets of [dev.javisor.x86.state.Slots]. Only the vCPU's
/// own thread touches it, but for [dev.javisor.x86.state.Cpu#kick] and while that thread is outside
/// ([dev.javisor.x86.state.Mailbox]).
@NullMarked
package dev.javisor.x86.state;

import org.jspecify.annotations.NullMarked;
