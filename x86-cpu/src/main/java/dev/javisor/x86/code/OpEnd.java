package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.Exit;
import dev.javisor.x86.block.Op;
import dev.javisor.x86.state.AccessExit;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.ModeKey;
import org.jspecify.annotations.Nullable;

/// What an executor has to put in order when operations do not lead on: RIP and the budget.
final class OpEnd {
  private OpEnd() {}

  /// Runs `op` alone; [Exit.Interpret] if the block goes on.
  static Exit step(Cpu cpu, Block block, Op op) {
    try {
      Op following = op.exec(cpu);
      if (following == null) {
        return Exit.Reason.LEFT;
      }
      return goesOn(op, following) ? new Exit.Interpret(block, following) : leave(cpu, following);
    } catch (CpuFault fault) {
      return faulted(cpu, op, fault);
    } catch (AccessExit _) {
      return waits(cpu, op);
    }
  }

  /// Whether `following`, which [Op#exec] of `op` has led to, is the next of its block, and the
  /// block is still valid as far as one knows.
  static boolean goesOn(Op op, Op following) {
    return op.left() > 1 && following == op.next();
  }

  /// Stops where `next` would run.
  private static Exit leave(Cpu cpu, Op next) {
    Op first = beyond(cpu, next);
    if (first != null) {
      before(cpu, first);
    }
    return Exit.Reason.LEFT;
  }

  /// Whatever is between a block's last operation and another block's first, which is paid for:
  /// null if RIP says where to go on.
  static @Nullable Op beyond(Cpu cpu, Op following) {
    return following.left() == 0 ? following.exec(cpu) : following;
  }

  /// Has RIP at `op`, and nothing paid for it and those behind it.
  static void before(Cpu cpu, Op op) {
    cpu.refund(op.left());
    at(cpu, op);
  }

  static Exit waits(Cpu cpu, Op op) {
    before(cpu, op);
    return Exit.Reason.ACCESS;
  }

  static Exit faulted(Cpu cpu, Op op, CpuFault fault) {
    if (fault.isNonCanonical() && op.isOnStack()) {
      CpuFault unused = cpu.fault(CpuFault.SS, fault.errorCode());
    }
    cpu.refund(op.left() - 1);
    at(cpu, op);
    return Exit.Reason.FAULT;
  }

  private static void at(Cpu cpu, Op op) {
    long mask = ModeKey.mode((int) cpu.get(Slots.KEY)).isLong() ? -1 : 0xFFFF_FFFFL;
    cpu.set(Slots.RIP, cpu.get(Slots.PAGE) + op.offset() & mask);
  }
}
