package dev.javisor.x86.system;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import org.jspecify.annotations.Nullable;

/// Far JMP, CALL and RET (SDM 2; SDM 3A, 6.8). Gates and task switches are not there: `#GP`.
public final class FarTransfers {
  private FarTransfers() {}

  public static void jump(Cpu cpu, int selector, long target) {
    if (!cpu.isProtected()) {
      real(cpu, selector, target);
      return;
    }
    Descriptor d = direct(cpu, selector);
    check(cpu, d, target);
    enter(cpu, d, cpu.cpl(), target);
  }

  /// @param size of each word that is pushed
  public static void call(Cpu cpu, int selector, long target, int size, long following) {
    if (!cpu.isProtected()) {
      if (target > 0xFFFF) {
        throw cpu.fault(CpuFault.GP);
      }
      push(cpu, size, following);
      real(cpu, selector, target);
      return;
    }
    Descriptor d = direct(cpu, selector);
    check(cpu, d, target);
    push(cpu, size, following);
    enter(cpu, d, cpu.cpl(), target);
  }

  private static void push(Cpu cpu, int size, long following) {
    FarStack stack = FarStack.of(cpu, size);
    stack.push(cpu.selector(Instruction.CS), following);
  }

  private static void real(Cpu cpu, int selector, long target) {
    if (target > cpu.segmentLimit(Instruction.CS)) {
      throw cpu.fault(CpuFault.GP);
    }
    Segments.load(cpu, Instruction.CS, selector);
    cpu.set(Slots.RIP, target);
    ModeKey.update(cpu);
  }

  private static Descriptor direct(Cpu cpu, int selector) {
    if ((selector & 0xFFFC) == 0) {
      throw cpu.fault(CpuFault.GP);
    }
    Descriptor d = Descriptor.of(cpu, selector, CpuFault.GP);
    int cpl = cpu.cpl();
    boolean isAllowed =
        d.isCode()
            && (d.isConforming() ? d.dpl() <= cpl : (selector & 3) <= cpl && d.dpl() == cpl)
            && !(cpu.isLongActive() && d.isLong() && d.isBig());
    if (!isAllowed) {
      throw d.fault(cpu, CpuFault.GP);
    } else if (!d.isPresent()) {
      throw d.fault(cpu, CpuFault.NP);
    }
    return d;
  }

  /// Whether `target` is in the segment, or canonical in a 64-bit one.
  static void check(Cpu cpu, Descriptor code, long target) {
    boolean isLong = cpu.isLongActive() && code.isLong();
    if (isLong ? target << 16 >> 16 != target : (target & 0xFFFF_FFFFL) > code.limit()) {
      throw cpu.fault(CpuFault.GP);
    }
  }

  /// Goes to `target` in `code` at `level`.
  static void enter(Cpu cpu, Descriptor code, int level, long target) {
    boolean isLong = cpu.isLongActive() && code.isLong();
    Segments.put(
        cpu, Instruction.CS, Interrupts.withLevel(code.mark(cpu, Segments.ACCESSED), level));
    cpu.cpl(level);
    cpu.set(Slots.RIP, isLong ? target : target & 0xFFFF_FFFFL);
    ModeKey.update(cpu);
  }

  /// @param drop how many bytes of arguments go
  public static void ret(Cpu cpu, int size, long drop) {
    FarStack stack = FarStack.of(cpu, size);
    long target = stack.word(0);
    int selector = (int) stack.word(1) & 0xFFFF;
    if (!cpu.isProtected()) {
      real(cpu, selector, target);
      stack.drop(2L * size + drop);
      return;
    }
    Descriptor code = returnTarget(cpu, selector);
    check(cpu, code, target);
    int level = selector & 3;
    if (level == cpu.cpl()) {
      stack.drop(2L * size + drop);
      enter(cpu, code, level, target);
      return;
    }
    long sp = stack.wordAt(2L * size + drop);
    int ss = (int) stack.wordAt(3L * size + drop) & 0xFFFF;
    outward(cpu, code, level, target, ss, sp + drop);
  }

  /// The code segment that RET and IRET go back to.
  static Descriptor returnTarget(Cpu cpu, int selector) {
    if ((selector & 0xFFFC) == 0) {
      throw cpu.fault(CpuFault.GP);
    }
    Descriptor d = Descriptor.of(cpu, selector, CpuFault.GP);
    int rpl = selector & 3;
    boolean isAllowed =
        d.isCode()
            && rpl >= cpu.cpl()
            && (d.isConforming() ? d.dpl() <= rpl : d.dpl() == rpl)
            && !(cpu.isLongActive() && d.isLong() && d.isBig());
    if (!isAllowed) {
      throw d.fault(cpu, CpuFault.GP);
    } else if (!d.isPresent()) {
      throw d.fault(cpu, CpuFault.NP);
    }
    return d;
  }

  /// Goes to `target` with another stack, and takes away data segments that `level` may not have.
  static void outward(Cpu cpu, Descriptor code, int level, long target, int ss, long sp) {
    boolean isLong = cpu.isLongActive() && code.isLong();
    Descriptor stack = Segments.stack(cpu, ss, level, CpuFault.GP, isLong);
    boolean isOutward = level > cpu.cpl();
    enter(cpu, code, level, target);
    Segments.put(cpu, Instruction.SS, stack);
    setPointer(cpu, isLong, stack, sp);
    if (isOutward) {
      dropPrivileged(cpu, level);
    }
    ModeKey.update(cpu);
  }

  private static void setPointer(Cpu cpu, boolean isLong, @Nullable Descriptor stack, long sp) {
    if (isLong) {
      cpu.gpr(Cpu.RSP, sp);
    } else if (stack != null && stack.isBig()) {
      cpu.gpr(Cpu.RSP, sp & 0xFFFF_FFFFL);
    } else {
      cpu.put(Cpu.RSP, sp, 48);
    }
  }

  /// SDM 2, IRET: data and non-conforming code segments of a more privileged level become null.
  static void dropPrivileged(Cpu cpu, int level) {
    for (int segment : new int[] {Instruction.ES, Instruction.DS, Instruction.FS, Instruction.GS}) {
      int attributes = cpu.segmentAttributes(segment);
      boolean isConforming = (attributes & 12) == 12;
      boolean isNull = (attributes & Segments.UNUSABLE) != 0; // keeps its base, which MSRs set
      if (!isNull && !isConforming && (attributes >> 5 & 3) < level) {
        Segments.put(cpu, segment, 0, 0, 0, Segments.UNUSABLE);
      }
    }
  }

  /// Whether flags that only privileged code may change can be changed.
  static long changeable(Cpu cpu, int size) {
    long bits = Flags.STATUS | Flags.TF | Flags.DF | Flags.NT;
    if (size > 2) {
      bits |= Flags.RF | Flags.AC | Flags.ID;
    }
    int cpl = cpu.cpl();
    if (cpl == 0) {
      bits |= Flags.IOPL;
    }
    if (cpl <= iopl(cpu)) {
      bits |= Flags.IF;
    }
    return bits;
  }

  public static int iopl(Cpu cpu) {
    return (int) (cpu.get(Slots.SYSTEM_FLAGS) >> 12) & 3;
  }
}
