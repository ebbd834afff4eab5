package dev.javisor.x86.block;

import dev.javisor.x86.state.Cpu;

/// Runs decoded blocks: the seam behind which the interpreter stands and machine code may.
///
/// Whoever calls has found the block, set [dev.javisor.x86.state.Slots#PAGE] for it and paid for
/// its instructions ([Block#enter]). An executor that knows the way into another block of the page
/// goes on there by itself, and pays for it first: that is where it sees a kick and the budget's
/// end. It may know such a way without asking whether the block there is still valid only if it
/// has the block tell it ([Block#attach]).
///
/// A machine's vCPUs run one another's blocks; an executor is one vCPU's.
public interface BlockExecutor {
  /// Runs `block` from operation `from` on, for which and for all behind it is paid.
  ///
  /// @param from one of the block's, not always its first
  Exit enter(Cpu cpu, Block block, Op from);
}
