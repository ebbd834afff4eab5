package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.block.Exit;
import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.AccessExit;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;

/// The interpreter: one object per instruction, each of which knows the next. From block to block
/// it goes by their [dev.javisor.x86.block.Way]s, which look whether the block is still valid.
public final class OpExecutor implements BlockExecutor {
  @Override
  public Exit enter(Cpu cpu, Block block, Op from) {
    Op op = from;
    try {
      while (op != null) {
        op = op.exec(cpu);
      }
      return Exit.Reason.LEFT;
    } catch (CpuFault fault) {
      return OpEnd.faulted(cpu, op, fault);
    } catch (AccessExit _) {
      return OpEnd.waits(cpu, op);
    }
  }
}
