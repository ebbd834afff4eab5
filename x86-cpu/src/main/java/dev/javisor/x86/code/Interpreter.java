package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.block.Exit;
import dev.javisor.x86.block.Op;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.state.AccessExit;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.Interrupts;
import dev.javisor.x86.system.ModeKey;

/// Runs one processor until it is kicked, its budget is spent or it stops by itself: finds blocks,
/// has an executor run them, and runs alone what must be or what the executor cannot. Faults are
/// delivered here; interrupts are delivered by whoever calls, between two runs.
public final class Interpreter {
  private final Cpu cpu;
  private final BlockFinder finder;
  private final BlockExecutor executor;
  private final SingleSteps steps;
  private final Trail trail = new Trail();

  public Interpreter(Cpu cpu, Paging paging, CodeCache cache, BlockExecutor executor) {
    this.cpu = cpu;
    this.finder = new BlockFinder(cpu, paging, cache);
    this.executor = executor;
    this.steps = new SingleSteps(cpu);
  }

  /// Where it has been lately.
  public Trail trail() {
    return trail;
  }

  /// Why [#run] came back.
  public enum Stop {
    /// A kick, the end of the budget, or the processor stopped by itself.
    ATTENTION,
    /// An instruction waits for an answer; RIP is at it.
    ACCESS
  }

  /// Runs while there is budget and nobody kicks.
  public Stop run() {
    while (cpu.mayRun()) {
      if (!runBlocks(false)) {
        return Stop.ACCESS;
      }
    }
    return Stop.ATTENTION;
  }

  /// Runs one instruction, kicked or not.
  public Stop runOne() {
    cpu.clearKick();
    cpu.budget(Math.max(cpu.budget(), 1));
    return runBlocks(true) ? Stop.ATTENTION : Stop.ACCESS;
  }

  /// Runs until the executor comes back, or through one instruction; false for an access.
  private boolean runBlocks(boolean one) {
    boolean single = ModeKey.isSingle((int) cpu.get(Slots.KEY));
    if (single && !steps.before()) {
      return true;
    }
    Exit exit = runFrom(one, single);
    if (exit == Exit.Reason.ACCESS) {
      steps.waits();
      return false;
    }
    if (exit == Exit.Reason.FAULT) {
      CpuFault fault = cpu.raised();
      Interrupts.raise(cpu, fault.vector(), fault.errorCode());
      steps.faulted();
    }
    if (single) {
      steps.after();
    }
    return true;
  }

  /// Runs from RIP on, where a fetch may fault and need an answer as an instruction may.
  private Exit runFrom(boolean one, boolean single) {
    try {
      trail.note(cpu.get(Slots.RIP));
      int key = (int) cpu.get(Slots.KEY);
      Block block = finder.find(one ? ModeKey.single(key) : key);
      Op first = one ? block.enterAnyway(cpu) : block.enter(cpu);
      if (first == null && !one && cpu.mayRun()) {
        // the budget ends within the block: its instructions one by one
        block = finder.find(ModeKey.single(key));
        first = block.enter(cpu);
      }
      if (first == null) {
        return Exit.Reason.LEFT;
      }
      return one || single ? alone(block, first) : enter(block, first);
    } catch (CpuFault _) {
      return Exit.Reason.FAULT;
    } catch (AccessExit _) {
      return Exit.Reason.ACCESS;
    }
  }

  /// Through a block of one instruction and no further.
  private Exit alone(Block block, Op only) {
    return OpEnd.step(cpu, block, only);
  }

  private Exit enter(Block block, Op first) {
    Exit exit = executor.enter(cpu, block, first);
    while (exit instanceof Exit.Interpret(Block stopped, Op at)) {
      exit = OpEnd.step(cpu, stopped, at);
      if (exit instanceof Exit.Interpret(Block same, Op behind)) {
        exit = executor.enter(cpu, same, behind);
      }
    }
    return exit;
  }
}
