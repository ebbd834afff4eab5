package dev.javisor.x86.code;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.block.Op;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.state.AccessExit;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.Interrupts;
import dev.javisor.x86.system.ModeKey;
import org.jspecify.annotations.Nullable;

/// Runs one processor, one object per instruction, until it is kicked, its budget is spent or it
/// stops by itself. Faults are delivered here; interrupts are delivered by whoever calls, between
/// two runs.
public final class Interpreter {
  private final Cpu cpu;
  private final Paging paging;
  private final CodeCache cache;
  private final BlockDecoder decoder;
  private final JumpCache jumps = new JumpCache();
  private final SingleSteps steps;
  private final Trail trail = new Trail();

  public Interpreter(Cpu cpu, Paging paging, CodeCache cache) {
    this.cpu = cpu;
    this.paging = paging;
    this.cache = cache;
    this.steps = new SingleSteps(cpu);
    this.decoder = new BlockDecoder(cache, paging);
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

  /// Runs until a block's end leads nowhere known, or through one instruction; false for an access.
  private boolean runBlocks(boolean one) {
    boolean single = ModeKey.isSingle((int) cpu.get(Slots.KEY));
    boolean alone = one || single;
    if (single && !steps.before()) {
      return true;
    }
    Op op = null;
    try {
      op = enter(one);
      if (alone && op != null) {
        Op following = op.exec(cpu);
        op = null;
        if (following != null) {
          leaveAt(following);
        }
      }
      while (op != null) {
        op = op.exec(cpu);
      }
    } catch (CpuFault fault) {
      raise(op, fault);
      steps.faulted();
    } catch (AccessExit exit) {
      if (op != null) {
        cpu.refund(op.left());
        at(op);
      }
      steps.waits();
      return false;
    }
    if (single) {
      steps.after();
    }
    return true;
  }

  /// One instruction was asked for, and `next` is what would follow: an [dev.javisor.x86.block.End]
  /// sets RIP.
  private void leaveAt(Op next) {
    if (next.left() == 0) {
      Op beyond = next.exec(cpu);
      if (beyond == null) {
        return;
      }
      cpu.refund(beyond.left());
      at(beyond);
    } else {
      cpu.refund(next.left());
      at(next);
    }
  }

  private void at(Op op) {
    long mask = ModeKey.mode((int) cpu.get(Slots.KEY)).isLong() ? -1 : 0xFFFF_FFFFL;
    cpu.set(Slots.RIP, cpu.get(Slots.PAGE) + op.offset() & mask);
  }

  private @Nullable Op enter(boolean one) {
    long rip = cpu.get(Slots.RIP);
    trail.note(rip);
    int key = (int) cpu.get(Slots.KEY);
    long base = ModeKey.mode(key).isLong() ? 0 : cpu.get(Slots.segment(Instruction.CS));
    long linear = base == 0 ? rip : rip + base & 0xFFFF_FFFFL;
    if (one) {
      cpu.set(Slots.PAGE, (linear & Cpu.PAGE_MASK) - base);
      return find(rip, linear, ModeKey.single(key)).enterAnyway(cpu);
    }
    Block block = jumps.find(linear, cpu.tlb().generation(), key);
    if (block == null) {
      block = find(rip, linear, key);
    }
    cpu.set(Slots.PAGE, (linear & Cpu.PAGE_MASK) - base);
    Op first = block.enter(cpu);
    return first == null && cpu.mayRun() ? enterOne(rip, linear, key) : first;
  }

  /// The budget ends within the block: its instructions one by one.
  private @Nullable Op enterOne(long rip, long linear, int key) {
    return find(rip, linear, ModeKey.single(key)).enter(cpu);
  }

  private Block find(long rip, long linear, int key) {
    checkRange(rip, key);
    long pageGpa = paging.fetch(cpu, linear);
    if (pageGpa < 0) {
      return decoder.decodeForeign(cpu, linear, key);
    }
    int offset = (int) linear & 4095;
    CodePage page = cache.open(cpu, pageGpa);
    Block block = page.find(offset, key);
    if (block == null) {
      cache.makeRoom();
      block = decoder.decode(cpu, page, pageGpa, offset, linear, key);
    } else if (block.straddles() && !isWhole(block, linear)) {
      cache.drop(page, offset);
      block = decoder.decode(cpu, page, pageGpa, offset, linear, key);
    }
    if (!block.straddles()) {
      jumps.put(linear, cpu.tlb().generation(), block);
    }
    return block;
  }

  private void checkRange(long rip, int key) {
    boolean isThere =
        ModeKey.mode(key).isLong()
            ? rip << 16 >> 16 == rip
            : rip <= cpu.segmentLimit(Instruction.CS);
    if (!isThere) {
      throw cpu.fault(CpuFault.GP);
    }
  }

  /// Whether a straddling instruction's second page is still the one, with the bytes it had.
  private boolean isWhole(Block block, long linear) {
    long second = paging.fetch(cpu, (linear & Cpu.PAGE_MASK) + 4096);
    CodePage page = second < 0 ? null : cache.page(second);
    return second == block.secondPage()
        && page != null
        && page.tailGeneration() == block.tailGeneration();
  }

  /// @param op the operation that faulted; null for a fetch
  private void raise(@Nullable Op op, CpuFault fault) {
    int vector = fault.vector();
    int code = fault.errorCode();
    if (op != null) {
      if (fault.isNonCanonical() && op.isOnStack()) {
        vector = CpuFault.SS;
      }
      cpu.refund(op.left() - 1);
      at(op);
    }
    Interrupts.raise(cpu, vector, code);
  }
}
