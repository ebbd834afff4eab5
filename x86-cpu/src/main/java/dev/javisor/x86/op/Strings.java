package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.Breakpoints;
import dev.javisor.x86.system.ModeKey;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// MOVS, STOS, LODS, CMPS and SCAS, once or repeated (SDM 2). Each repetition is complete in
/// itself, so a fault or an interrupt in between finds the registers right. Forward copies and
/// fills of plain memory go by the page.
final class Strings extends Op {
  /// How many repetitions run before others are let in.
  private static final int SLICE = 4096;

  /// The least that is worth a bulk operation, in bytes.
  private static final int BULK_LEAST = 32;

  private final Kind kind;
  private final int size;
  private final Repeat repeat;
  private final Ea source;
  private final Ea target;
  private final Loc.Register sourceIndex;
  private final Loc.Register targetIndex;
  private final Loc.Register count;
  private final Loc.Register accumulator;
  private final boolean isPlain;

  private enum Kind {
    MOVS,
    STOS,
    LODS,
    CMPS,
    SCAS;

    boolean compares() {
      return this == CMPS || this == SCAS;
    }
  }

  private enum Repeat {
    NOT,
    ALWAYS,
    WHILE_EQUAL,
    WHILE_UNEQUAL
  }

  private Strings(Context c) {
    Instruction i = c.instruction();
    String mnemonic = c.mnemonic();
    kind = Kind.valueOf(mnemonic.substring(0, 4).toUpperCase(java.util.Locale.ROOT));
    size = "bwdq".indexOf(mnemonic.charAt(4)) == 3 ? 8 : 1 << "bwd".indexOf(mnemonic.charAt(4));
    repeat = repeatOf(i, kind);
    source = c.at(Cpu.RSI, -1);
    target = c.at(Cpu.RDI, Instruction.ES);
    sourceIndex = Loc.Register.of(Cpu.RSI, i.addressBytes());
    targetIndex = Loc.Register.of(Cpu.RDI, i.addressBytes());
    count = Loc.Register.of(Cpu.RCX, i.addressBytes());
    accumulator = Loc.Register.of(Cpu.RAX, size);
    isPlain = c.mode().isLong() && i.addressBytes() == 8;
  }

  private static Repeat repeatOf(Instruction i, Kind kind) {
    if (!i.isRepeated()) {
      return Repeat.NOT;
    } else if (!kind.compares()) {
      return Repeat.ALWAYS;
    }
    return i.isRep() ? Repeat.WHILE_EQUAL : Repeat.WHILE_UNEQUAL;
  }

  static Op of(Context c) {
    return new Strings(c);
  }

  @Override
  public @Nullable Op exec(Cpu cpu) {
    if (repeat == Repeat.NOT) {
      once(cpu);
      return next;
    }
    return kind.compares() ? compareRepeated(cpu) : repeated(cpu);
  }

  /// A fault in the middle finds the flags as they were before the instruction (SDM 2, REP).
  private @Nullable Op compareRepeated(Cpu cpu) {
    int before = cpu.status();
    try {
      return repeated(cpu);
    } catch (CpuFault fault) {
      cpu.status(before);
      throw fault;
    }
  }

  private @Nullable Op repeated(Cpu cpu) {
    boolean isSingle = ModeKey.isSingle((int) cpu.get(Slots.KEY));
    for (int slice = 0; slice < SLICE; slice++) {
      long left = count.unsigned(cpu);
      if (left == 0) {
        return next;
      }
      long done = isPlain && !isSingle ? bulk(cpu, left) : 0;
      if (done == 0) {
        once(cpu);
        done = 1;
      }
      count.write(cpu, 0, left - done);
      cpu.platform().completed();
      if (kind.compares() && isOver(cpu)) {
        return next;
      } else if (isSingle && left != 1) { // counts have no sign
        // a breakpoint on it does not strike between its iterations
        cpu.flag(Flags.RF, Breakpoints.any(cpu));
        return again(cpu);
      }
    }
    return again(cpu);
  }

  private boolean isOver(Cpu cpu) {
    boolean equal = (cpu.status() & Flags.ZF) != 0;
    return equal != (repeat == Repeat.WHILE_EQUAL);
  }

  private void once(Cpu cpu) {
    long step = cpu.flag(Flags.DF) ? -size : size;
    switch (kind) {
      case MOVS -> {
        cpu.store(target.forWrite(cpu, size), size, cpu.load(source.of(cpu, size), size));
        advance(cpu, sourceIndex, step);
        advance(cpu, targetIndex, step);
      }
      case STOS -> {
        cpu.store(target.forWrite(cpu, size), size, cpu.gpr(Cpu.RAX));
        advance(cpu, targetIndex, step);
      }
      case LODS -> {
        accumulator.write(cpu, 0, cpu.load(source.of(cpu, size), size));
        advance(cpu, sourceIndex, step);
      }
      case CMPS -> {
        // the second operand first: of two pages that are not there hardware names its
        long b = accumulator.sign(cpu.load(target.of(cpu, size), size));
        compare(cpu, accumulator.sign(cpu.load(source.of(cpu, size), size)), b);
        advance(cpu, sourceIndex, step);
        advance(cpu, targetIndex, step);
      }
      case SCAS -> {
        long b = accumulator.sign(cpu.load(target.of(cpu, size), size));
        compare(cpu, accumulator.read(cpu), b);
        advance(cpu, targetIndex, step);
      }
    }
  }

  private void compare(Cpu cpu, long a, long b) {
    cpu.flagsOfSub(a, b, accumulator.sign(a - b));
  }

  private static void advance(Cpu cpu, Loc.Register index, long step) {
    index.write(cpu, 0, index.read(cpu) + step);
  }

  /// Does as many as can be done at once: within a page, forward, in plain memory; 0 if that is
  /// nothing.
  private long bulk(Cpu cpu, long left) {
    if ((kind != Kind.MOVS && kind != Kind.STOS) || cpu.flag(Flags.DF)) {
      return 0;
    }
    long to = target.unchecked(cpu);
    long most = Long.compareUnsigned(left, 4096) > 0 ? 4096 : left * size;
    long bytes = Math.min(most, restOfPage(to)) / size * size;
    if (kind == Kind.MOVS) {
      bytes = Math.min(bytes, restOfPage(source.unchecked(cpu))) / size * size;
    }
    return bytes < BULK_LEAST ? 0 : bulk(cpu, to, (int) bytes) ? bytes / size : 0;
  }

  private static long restOfPage(long address) {
    return 4096 - (address & 4095);
  }

  private boolean bulk(Cpu cpu, long to, int bytes) {
    long toOffset = cpu.tlb().writeOffset(to, bytes);
    if (toOffset < 0) {
      return false;
    } else if (kind == Kind.STOS) {
      return fill(cpu, toOffset, bytes);
    }
    long fromOffset = cpu.tlb().readOffset(source.unchecked(cpu), bytes);
    if (fromOffset < 0 || (toOffset > fromOffset && toOffset < fromOffset + bytes)) {
      // Not at hand, or a copy that feeds on itself.
      return false;
    }
    VarHandle.releaseFence();
    MemorySegment.copy(cpu.ram(), fromOffset, cpu.ram(), toOffset, bytes);
    VarHandle.acquireFence();
    advance(cpu, sourceIndex, bytes);
    advance(cpu, targetIndex, bytes);
    return true;
  }

  private boolean fill(Cpu cpu, long toOffset, int bytes) {
    long value = cpu.gpr(Cpu.RAX);
    byte low = (byte) value;
    long pattern = (low & 0xFFL) * 0x0101_0101_0101_0101L;
    if (accumulator.sign(value) != accumulator.sign(pattern)) {
      return false;
    }
    VarHandle.releaseFence();
    cpu.ram().asSlice(toOffset, bytes).fill(low);
    advance(cpu, targetIndex, bytes);
    return true;
  }
}
