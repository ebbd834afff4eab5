package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.AccessExit;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import org.jspecify.annotations.Nullable;

/// Delivery of exceptions and interrupts through the IDT (SDM 3A, 7.12 and 7.14), and what becomes
/// of a fault on the way (7.15, `#DF`).
public final class Interrupts {
  /// Why something is delivered.
  public enum Source {
    EXCEPTION,
    EXTERNAL,
    /// INT n, INT3, INTO.
    SOFTWARE
  }

  private static final int EXTERNAL_BIT = 1;
  private static final int IDT_BIT = 2;
  private static final int INTERRUPT_GATE = 14;
  private static final int TRAP_GATE = 15;
  private static final int INTERRUPT_GATE_16 = 6;
  private static final int TRAP_GATE_16 = 7;
  private static final int NESTED_MOST = 3;

  private Interrupts() {}

  /// Delivers exception `vector` that the instruction at RIP raised, and what follows from it; at
  /// worst the processor shuts down.
  public static void raise(Cpu cpu, int vector, int errorCode) {
    int current = vector;
    int code = errorCode;
    for (int depth = 0; depth < NESTED_MOST; depth++) {
      cpu.witness().exception(cpu, current, code);
      try {
        deliver(cpu, current, code, Source.EXCEPTION);
        return;
      } catch (CpuFault second) {
        if (current == CpuFault.DF) {
          break;
        }
        boolean isDouble = isDouble(current, second.vector());
        current = isDouble ? CpuFault.DF : second.vector();
        code = isDouble ? 0 : second.errorCode();
      }
    }
    cpu.set(Slots.ACTIVITY, Slots.SHUTDOWN);
  }

  /// Delivers an interrupt; faults on the way are raised in turn.
  public static void interrupt(Cpu cpu, int vector, Source source) {
    cpu.witness().interrupt(cpu, vector);
    try {
      deliver(cpu, vector, 0, source);
    } catch (CpuFault fault) {
      raise(cpu, fault.vector(), fault.errorCode());
    }
  }

  /// SDM 3A, table 7-5.
  private static boolean isDouble(int first, int second) {
    if (first == CpuFault.PF) {
      return second == CpuFault.PF || isContributory(second);
    }
    return isContributory(first) && isContributory(second);
  }

  private static boolean isContributory(int vector) {
    return vector == CpuFault.DE || (vector >= CpuFault.TS && vector <= CpuFault.GP);
  }

  /// @throws CpuFault what went wrong; nothing has changed then
  public static void deliver(Cpu cpu, int vector, int errorCode, Source source) {
    int level = cpu.cpl();
    try {
      if (!cpu.isProtected() && !cpu.flag(Flags.VM)) {
        real(cpu, vector);
      } else if (cpu.isLongActive()) {
        longMode(cpu, vector, errorCode, source);
      } else {
        protectedMode(cpu, vector, errorCode, source);
      }
    } catch (CpuFault | AccessExit onTheWay) {
      cpu.cpl(level);
      throw onTheWay;
    }
    cpu.set(Slots.SHADOW, 0);
    ModeKey.update(cpu);
  }

  private static int codeOf(int vector, Source source) {
    return vector * 8 + IDT_BIT + (source == Source.SOFTWARE ? 0 : EXTERNAL_BIT);
  }

  private static boolean hasCode(int vector, Source source) {
    return source == Source.EXCEPTION && CpuFault.hasErrorCode(vector);
  }

  /// RF is pushed set by faults, so that breakpoints do not strike twice (SDM 3B, 18.3.1.1).
  private static long flagsToPush(Cpu cpu, int vector, Source source) {
    boolean isFault = source == Source.EXCEPTION && vector != CpuFault.DB && vector != CpuFault.DF;
    return cpu.rflags() | (isFault ? Flags.RF : 0);
  }

  private static void clearFlags(Cpu cpu, boolean isInterruptGate) {
    cpu.flag(Flags.TF, false);
    cpu.flag(Flags.NT, false);
    cpu.flag(Flags.RF, false);
    cpu.flag(Flags.VM, false);
    if (isInterruptGate) {
      cpu.flag(Flags.IF, false);
    }
  }

  // ---------------------------------------------------------------- IA-32e mode

  private static void longMode(Cpu cpu, int vector, int errorCode, Source source) {
    int code = codeOf(vector, source);
    if (vector * 16 + 15 > (cpu.get(Slots.IDT_LIMIT) & 0xFFFF)) {
      throw cpu.fault(CpuFault.GP, code);
    }
    long gate = Descriptor.load(cpu, cpu.get(Slots.IDT_BASE) + vector * 16L);
    long upper = Descriptor.load(cpu, cpu.get(Slots.IDT_BASE) + vector * 16L + 8);
    int type = (int) (gate >>> 40) & 31;
    boolean isGate = type == INTERRUPT_GATE || type == TRAP_GATE;
    int dpl = (int) (gate >>> 45) & 3;
    if (!isGate || (source == Source.SOFTWARE && dpl < cpu.cpl())) {
      throw cpu.fault(CpuFault.GP, code);
    } else if ((gate & 1L << 47) == 0) {
      throw cpu.fault(CpuFault.NP, code);
    }
    Descriptor target = codeTarget(cpu, (int) (gate >>> 16) & 0xFFFF, source);
    if (!target.isLong() || target.isBig()) {
      throw cpu.fault(CpuFault.GP, target.selector() & 0xFFFC | external(source));
    }
    long rip = gate & 0xFFFF | gate >>> 32 & 0xFFFF_0000L | upper << 32;
    if (rip << 16 >> 16 != rip) {
      throw cpu.fault(CpuFault.GP);
    }
    int level = target.isConforming() ? cpu.cpl() : target.dpl();
    pushLong(cpu, vector, errorCode, source, target, level, (int) (gate >>> 32) & 7, rip);
    clearFlags(cpu, type == INTERRUPT_GATE);
  }

  private static int external(Source source) {
    return source == Source.SOFTWARE ? 0 : EXTERNAL_BIT;
  }

  private static Descriptor codeTarget(Cpu cpu, int selector, Source source) {
    if ((selector & 0xFFFC) == 0) {
      throw cpu.fault(CpuFault.GP, external(source));
    }
    Descriptor d = Descriptor.of(cpu, selector, CpuFault.GP);
    if (!d.isCode() || d.dpl() > cpu.cpl()) {
      throw cpu.fault(CpuFault.GP, selector & 0xFFFC | external(source));
    } else if (!d.isPresent()) {
      throw cpu.fault(CpuFault.NP, selector & 0xFFFC | external(source));
    }
    return d;
  }

  private static void pushLong(
      Cpu cpu,
      int vector,
      int errorCode,
      Source source,
      Descriptor target,
      int level,
      int ist,
      long rip) {
    boolean inward = level < cpu.cpl();
    long oldSp = cpu.gpr(Cpu.RSP);
    int oldSs = cpu.selector(Instruction.SS);
    long sp = inward || ist != 0 ? stackOfTask(cpu, ist == 0 ? level : ist, ist != 0) : oldSp;
    sp &= -16;
    long flags = flagsToPush(cpu, vector, source);
    int oldCs = cpu.selector(Instruction.CS);
    cpu.cpl(level);
    int words = hasCode(vector, source) ? 6 : 5;
    probe(cpu, sp, words);
    cpu.store64(sp - 8, oldSs);
    cpu.store64(sp - 16, oldSp);
    cpu.store64(sp - 24, flags);
    cpu.store64(sp - 32, oldCs);
    cpu.store64(sp - 40, cpu.get(Slots.RIP));
    if (words == 6) {
      cpu.store64(sp - 48, errorCode & 0xFFFF_FFFFL);
    }
    cpu.gpr(Cpu.RSP, sp - words * 8L);
    Segments.put(cpu, Instruction.CS, withLevel(target, level));
    if (inward) {
      Segments.put(cpu, Instruction.SS, (@Nullable Descriptor) null);
    }
    cpu.set(Slots.RIP, rip);
  }

  /// Faults unless all `words` below `sp` can be written; a stack that is not canonical is
  /// `#SS(0)`.
  private static void probe(Cpu cpu, long sp, int words) {
    try {
      cpu.probeStore(sp - words * 8L, 8);
      cpu.probeStore(sp - 8, 8);
    } catch (CpuFault fault) {
      throw fault.isNonCanonical() ? cpu.fault(CpuFault.SS) : fault;
    }
  }

  static Descriptor withLevel(Descriptor d, int level) {
    return new Descriptor(d.selector() & ~3 | level, d.at(), d.raw(), d.high());
  }

  /// RSPn or ISTn of the 64-bit TSS (SDM 3A, 9.7).
  private static long stackOfTask(Cpu cpu, int number, boolean ist) {
    long offset = ist ? 28 + 8L * number : 4 + 8L * number;
    if (offset + 7 > cpu.segmentLimit(Descriptor.TR)) {
      throw cpu.fault(CpuFault.TS, cpu.selector(Descriptor.TR) & 0xFFFC);
    }
    long sp = Descriptor.load(cpu, cpu.segmentBase(Descriptor.TR) + offset);
    if (sp << 16 >> 16 != sp) {
      throw cpu.fault(CpuFault.SS);
    }
    return sp;
  }

  // ---------------------------------------------------------------- legacy modes

  /// Through the interrupt vector table (SDM 3B, 22.1.4).
  private static void real(Cpu cpu, int vector) {
    if (vector * 4 + 3 > (cpu.get(Slots.IDT_LIMIT) & 0xFFFF)) {
      throw cpu.fault(CpuFault.GP, vector * 8 + IDT_BIT);
    }
    long entry = cpu.load32(cpu.get(Slots.IDT_BASE) + vector * 4L);
    long sp = cpu.gpr(Cpu.RSP);
    LegacyStack stack = new LegacyStack(cpu, null, cpu.segmentBase(Instruction.SS), sp, 0xFFFF, 2);
    stack.push(cpu.rflags());
    stack.push(cpu.selector(Instruction.CS));
    stack.push(cpu.get(Slots.RIP));
    cpu.put(Cpu.RSP, stack.pointer(), 48);
    Segments.load(cpu, Instruction.CS, (int) (entry >>> 16));
    cpu.set(Slots.RIP, entry & 0xFFFF);
    clearFlags(cpu, true);
    cpu.flag(Flags.AC, false);
  }

  private static void protectedMode(Cpu cpu, int vector, int errorCode, Source source) {
    int code = codeOf(vector, source);
    if (vector * 8 + 7 > (cpu.get(Slots.IDT_LIMIT) & 0xFFFF)) {
      throw cpu.fault(CpuFault.GP, code);
    }
    long gate = Descriptor.load(cpu, cpu.get(Slots.IDT_BASE) + vector * 8L);
    int type = (int) (gate >>> 40) & 31;
    boolean isWide = type == INTERRUPT_GATE || type == TRAP_GATE;
    boolean isGate = isWide || type == INTERRUPT_GATE_16 || type == TRAP_GATE_16;
    if (!isGate || (source == Source.SOFTWARE && ((gate >>> 45) & 3) < cpu.cpl())) {
      throw cpu.fault(CpuFault.GP, code);
    } else if ((gate & 1L << 47) == 0) {
      throw cpu.fault(CpuFault.NP, code);
    }
    Descriptor target = codeTarget(cpu, (int) (gate >>> 16) & 0xFFFF, source);
    long rip = isWide ? gate & 0xFFFF | gate >>> 32 & 0xFFFF_0000L : gate & 0xFFFF;
    int level = target.isConforming() ? cpu.cpl() : target.dpl();
    boolean hasCode = hasCode(vector, source);
    long flags = flagsToPush(cpu, vector, source);
    pushLegacy(cpu, target, level, isWide ? 4 : 2, flags, hasCode ? errorCode : -1, hasCode);
    cpu.set(Slots.RIP, rip);
    clearFlags(cpu, type == INTERRUPT_GATE || type == INTERRUPT_GATE_16);
  }

  private static void pushLegacy(
      Cpu cpu, Descriptor target, int level, int size, long flags, int code, boolean hasCode) {
    boolean inward = level < cpu.cpl();
    boolean isVirtual = cpu.flag(Flags.VM);
    int[] segments = {Instruction.GS, Instruction.FS, Instruction.DS, Instruction.ES};
    long oldSp = cpu.gpr(Cpu.RSP);
    int oldSs = cpu.selector(Instruction.SS);
    Descriptor newSs = inward ? LegacyStack.ofTask(cpu, level) : null;
    LegacyStack stack = LegacyStack.of(cpu, newSs, level, size);
    cpu.cpl(level);
    if (isVirtual) {
      for (int segment : segments) {
        stack.push(cpu.selector(segment));
      }
    }
    if (inward) {
      stack.push(oldSs);
      stack.push(oldSp);
    }
    stack.push(flags);
    stack.push(cpu.selector(Instruction.CS));
    stack.push(cpu.get(Slots.RIP));
    if (hasCode) {
      stack.push(code);
    }
    if (newSs != null) {
      Segments.put(cpu, Instruction.SS, newSs);
    }
    stack.commit();
    Segments.put(cpu, Instruction.CS, withLevel(target, level));
    if (isVirtual) {
      for (int segment : segments) {
        Segments.put(cpu, segment, 0, 0, 0, Segments.UNUSABLE);
      }
    }
  }
}
