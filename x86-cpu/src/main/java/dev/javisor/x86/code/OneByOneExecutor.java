package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.block.Exit;
import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.AccessExit;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import org.jspecify.annotations.Nullable;

/// Uses the seam as machine code will, slowly, so that it is tested: runs one instruction an entry
/// and leaves the next to the interpreter as if it had no code for it; goes from block to block by
/// jumps of its own, which are not asked whether they still lead to what memory holds ([Jumps]).
public final class OneByOneExecutor implements BlockExecutor {
  @Override
  public Exit enter(Cpu cpu, Block block, Op from) {
    try {
      Op following = from.exec(cpu);
      if (following == null) {
        return Exit.Reason.LEFT;
      }
      return OpEnd.goesOn(from, following)
          ? new Exit.Interpret(block, following)
          : jump(cpu, block, following);
    } catch (CpuFault fault) {
      return OpEnd.faulted(cpu, from, fault);
    } catch (AccessExit _) {
      return OpEnd.waits(cpu, from);
    }
  }

  /// Behind `block`. The interpreter's own way only tells where that leads.
  private static Exit jump(Cpu cpu, Block block, Op following) {
    Op there = OpEnd.beyond(cpu, following);
    if (there == null) {
      return Exit.Reason.LEFT;
    }
    Block target = target(block, there);
    if (target == null) {
      OpEnd.before(cpu, there);
      return Exit.Reason.LEFT;
    }
    cpu.refund(there.left());
    Op first = target.enter(cpu);
    return first == null ? Exit.Reason.LEFT : new Exit.Interpret(target, first);
  }

  private static @Nullable Block target(Block block, Op there) {
    Jumps from = Jumps.of(block);
    if (from == null) {
      return null;
    }
    Block known = from.target(there.offset());
    if (known != null) {
      return known;
    }
    Block found = block.page().find(there.offset(), block.key());
    Jumps to = found == null ? null : Jumps.of(found);
    return to != null && to.comeFrom(from) ? found : null;
  }
}
