package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.x86.block.Block;
import dev.javisor.x86.block.CodePage;
import dev.javisor.x86.block.End;
import dev.javisor.x86.block.Op;
import dev.javisor.x86.block.Way;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.op.Translator;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The interpreter's operations, each alone in a block.
final class InterpreterModel implements ModelUnderTest {
  private static final int BUDGET = 1 << 20;
  private static final int KEY = 0;

  /// Type, S, DPL 3 and present, then L or D and G (SDM 3A, 3.4.5), as the state block has them.
  private static final long CODE_64 = 0xAFB;

  private static final long CODE_32 = 0xCFB;
  private static final long DATA_32 = 0xCF3;
  private static final long UNUSABLE = 1 << 16;

  // PE MP ET NE WP AM PG; PAE PGE OSFXSR OSXMMEXCPT; SCE LME LMA NXE
  private static final long CR0 = 0x8005_0033L;
  private static final long CR4 = 0x6A0;
  private static final long EFER = 0xD01;

  private final CaseMachine machine = new CaseMachine();
  private final MemorySegment ram = machine.scratch();
  private final Cpu cpu = new Cpu(machine.ram(), new Paging(machine), machine);
  private final CodePage nowhere = new CodePage(0);
  private final @Nullable Block[] blocks = new @Nullable Block[GuestMap.SLOT_COUNT];
  private final boolean[] repeats = new boolean[GuestMap.SLOT_COUNT];

  InterpreterModel() {
    cpu.cpl(3);
    cpu.set(Slots.CR0, CR0);
    cpu.set(Slots.CR3, machine.tables());
    cpu.set(Slots.CR4, CR4);
    cpu.set(Slots.EFER, EFER);
    cpu.mxcsrMask(Vendor.mxcsrMask());
  }

  @Override
  public void begin(boolean longMode, long seed) {
    GuestMap.fillScratch(ram, seed);
    int data = longMode ? 0 : GuestMap.DATA;
    for (int segment = Instruction.ES; segment <= Instruction.GS; segment++) {
      boolean flat = segment < Instruction.FS && !longMode;
      segment(segment, flat ? data : 0, 0, flat ? DATA_32 : UNUSABLE);
    }
    int code = longMode ? GuestMap.CS_LONG : GuestMap.CS_COMPATIBILITY;
    segment(Instruction.CS, code, 0, longMode ? CODE_64 : CODE_32);
    segment(Instruction.SS, GuestMap.DATA, 0, DATA_32);
    segment(Instruction.GS, 0, GuestMap.GS_BASE, UNUSABLE);
  }

  private void segment(int segment, int selector, long base, long attributes) {
    int at = Slots.segment(segment);
    cpu.set(at, base);
    cpu.set(at + Slots.LIMIT_IN_SEGMENT, 0xFFFF_FFFFL);
    cpu.set(at + Slots.SELECTOR_IN_SEGMENT, selector);
    cpu.set(at + Slots.ATTRIBUTES_IN_SEGMENT, attributes);
  }

  @Override
  public boolean load(int slot, Encoded encoded) {
    int offset = (int) (GuestMap.instruction(slot) & ~Cpu.PAGE_MASK);
    Op op;
    try {
      op = Translator.translate(encoded.instruction(), offset, true, to -> way(encoded, to));
    } catch (IllegalStateException e) {
      // the translator has no operation for it
      blocks[slot] = null;
      return false;
    }
    blocks[slot] =
        new Block(nowhere, KEY, List.of(op), new End(way(encoded, op.end())), List.of(), -1, 0);
    repeats[slot] = encoded.instruction().isRepeated();
    return true;
  }

  private Way way(Encoded encoded, int target) {
    return new Way(nowhere, target, KEY, encoded.isLong() ? -1L : 0xFFFF_FFFFL);
  }

  @Override
  public MemorySegment scratch() {
    return ram;
  }

  @Override
  public void run(
      MemorySegment cases, long from, MemorySegment results, long to, CaseLayout layout) {
    int slot = cases.get(JAVA_INT, from + CaseLayout.SLOT);
    int hot = cases.get(JAVA_INT, from + CaseLayout.HOT_OFFSET);
    take(cases, from, layout);
    MemorySegment.copy(cases, from + layout.hot(), ram, hot, layout.hotBytes());
    run(slot, results, to);
    give(results, to, layout);
    MemorySegment.copy(ram, hot, results, to + layout.hot(), layout.hotBytes());
  }

  private void take(MemorySegment cases, long from, CaseLayout layout) {
    for (int register = 0; register < 16; register++) {
      cpu.gpr(register, cases.get(JAVA_LONG, from + CaseLayout.GENERAL + 8L * register));
    }
    cpu.rflags(cases.get(JAVA_LONG, from + CaseLayout.FLAGS));
    cpu.set(Slots.CR2, 0);
    cpu.clearKick();
    if (layout.fx()) {
      MemorySegment.copy(cases, from + CaseLayout.FX, cpu.block(), Slots.FX, CaseLayout.FX_BYTES);
    }
  }

  private void give(MemorySegment results, long to, CaseLayout layout) {
    for (int register = 0; register < 16; register++) {
      results.set(JAVA_LONG, to + CaseLayout.GENERAL + 8L * register, cpu.gpr(register));
    }
    results.set(JAVA_LONG, to + CaseLayout.FLAGS, cpu.rflags());
    if (layout.fx()) {
      MemorySegment.copy(cpu.block(), Slots.FX, results, to + CaseLayout.FX, CaseLayout.FX_BYTES);
    }
  }

  private void run(int slot, MemorySegment results, long to) {
    Block block = Objects.requireNonNull(blocks[slot]);
    long start = GuestMap.instruction(slot);
    cpu.set(Slots.PAGE, start & Cpu.PAGE_MASK);
    try {
      do {
        cpu.budget(BUDGET);
        for (Op op = block.enter(cpu); op != null; op = op.exec(cpu)) {}
      } while (repeats[slot] && cpu.get(Slots.RIP) == start);
      outcome(results, to, cpu.get(Slots.RIP), CaseLayout.NO_VECTOR, 0);
    } catch (CpuFault fault) {
      boolean stack = fault.isNonCanonical() && block.first().isOnStack();
      int vector = stack ? CpuFault.SS : fault.vector();
      outcome(results, to, start, vector, fault.errorCode());
    }
  }

  private void outcome(MemorySegment results, long to, long rip, long vector, long error) {
    results.set(JAVA_LONG, to + CaseLayout.RIP, rip);
    results.set(JAVA_LONG, to + CaseLayout.VECTOR, vector);
    results.set(JAVA_LONG, to + CaseLayout.ERROR, error);
    results.set(JAVA_LONG, to + CaseLayout.CR2, vector == CpuFault.PF ? cpu.get(Slots.CR2) : 0);
  }
}
