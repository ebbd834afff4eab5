package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.decode.Mode;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.Control;
import dev.javisor.x86.system.FarTransfers;
import dev.javisor.x86.system.FastCalls;
import dev.javisor.x86.system.InterruptReturn;
import dev.javisor.x86.system.Interrupts;
import dev.javisor.x86.system.ModeKey;
import dev.javisor.x86.system.Msrs;
import dev.javisor.x86.system.Segments;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;
import dev.javisor.x86.table.Kind;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Instructions of the system (SDM 2; SDM 3A, 2.8), and those that load segments or go far. Most
/// may change the ground that decoded code stands on, so they leave their block.
final class SystemOps {
  private static final int PREVIOUS_UNCHANGED = -1;

  /// FSW.ES: an exception of the x87 is pending.

  private SystemOps() {}

  static @Nullable Op of(Context c) {
    Op op = effect(c);
    if (op instanceof Privileged privileged) {
      privileged.guard(c.instruction().form());
      privileged.onStack = isOnStack(c);
    }
    return op;
  }

  /// The operand that ModRM addresses, or the stack that is popped.
  private static boolean isOnStack(Context c) {
    Instruction i = c.instruction();
    return i.isMemory() ? i.segment() == Instruction.SS : c.mnemonic().startsWith("pop");
  }

  private static @Nullable Op effect(Context c) {
    Form form = c.instruction().form();
    if (form.is(Attribute.FAR)) {
      return far(c);
    }
    return switch (c.mnemonic()) {
      case "mov" -> move(c);
      case "pop" -> c.kind(0) == Kind.SEGMENT ? popSegment(c) : null;
      case "les", "lds", "lss", "lfs", "lgs" -> loadPointer(c);
      case "popf", "popfd", "popfq" -> popFlags(c);
      case "cli" -> new Going(cpu -> cpu.flag(Flags.IF, false));
      case "sti" -> new Leaving(SystemOps::sti);
      case "hlt" -> new Leaving(SystemOps::halt);
      case "mfence" -> new Going(cpu -> VarHandle.fullFence());
      case "invd", "wbinvd" -> new Leaving(cpu -> VarHandle.fullFence());
      case "clts" ->
          new Leaving(cpu -> Control.write(cpu, 0, cpu.get(Slots.CR0) & ~Control.CR0_TS));
      case "clac" -> new Leaving(cpu -> access(cpu, false));
      case "stac" -> new Leaving(cpu -> access(cpu, true));
      case "invlpg" -> invlpg(c);
      case "clflush" -> new Going(clflush(c));
      default -> tables(c);
    };
  }

  private static @Nullable Op tables(Context c) {
    return switch (c.mnemonic()) {
      case "lgdt" -> new Going(new TableLoad(c, Slots.GDT_BASE, Slots.GDT_LIMIT));
      case "lidt" -> new Going(new TableLoad(c, Slots.IDT_BASE, Slots.IDT_LIMIT));
      case "sgdt" -> new Going(new TableStore(c, Slots.GDT_BASE, Slots.GDT_LIMIT));
      case "sidt" -> new Going(new TableStore(c, Slots.IDT_BASE, Slots.IDT_LIMIT));
      case "sldt" -> store(c, cpu -> cpu.selector(6));
      case "str" -> store(c, cpu -> cpu.selector(7));
      case "smsw" -> store(c, cpu -> cpu.get(Slots.CR0));
      case "lmsw" -> take(c, Control::lmsw);
      case "lldt" -> take(c, (cpu, selector) -> Segments.loadLocalTable(cpu, (int) selector));
      case "ltr" -> take(c, (cpu, selector) -> Segments.loadTask(cpu, (int) selector));
      case "verr", "verw" -> verify(c);
      case "lar", "lsl" -> look(c);
      case "arpl" -> arpl(c);
      default -> registers(c);
    };
  }

  private static @Nullable Op registers(Context c) {
    return switch (c.mnemonic()) {
      case "rdmsr" -> new Going(SystemOps::readMsr);
      case "wrmsr" -> new Leaving(SystemOps::writeMsr);
      case "rdtsc" -> new Going(cpu -> time(cpu, false));
      case "rdtscp" -> new Going(cpu -> time(cpu, true));
      case "rdpmc" ->
          new Going(
              cpu -> {
                throw cpu.fault(CpuFault.GP);
              });
      case "cpuid" -> new Leaving(SystemOps::cpuid);
      case "swapgs" -> new Going(SystemOps::swapGs);
      default -> traps(c);
    };
  }

  private static @Nullable Op traps(Context c) {
    Mode mode = c.mode();
    int size = c.instruction().operandBytes();
    return switch (c.mnemonic()) {
      case "syscall" -> new Gone(mode, (cpu, next) -> FastCalls.syscall(cpu, next));
      case "sysret" -> new Gone(mode, (cpu, next) -> FastCalls.sysret(cpu, size == 8));
      case "sysenter" -> new Gone(mode, (cpu, next) -> FastCalls.sysenter(cpu));
      case "sysexit" -> new Gone(mode, (cpu, next) -> FastCalls.sysexit(cpu, size == 8));
      case "int3" -> interrupt(mode, CpuFault.BP);
      case "int1" -> interrupt(mode, CpuFault.DB);
      case "int" -> interrupt(mode, (int) c.instruction().immediate() & 0xFF);
      case "into" -> into(mode);
      default -> Ports.of(c);
    };
  }

  private static Op far(Context c) {
    Instruction i = c.instruction();
    int size = i.operandBytes();
    Mode mode = c.mode();
    switch (c.mnemonic()) {
      case "iret", "iretd", "iretq" -> {
        return new Gone(mode, (cpu, next) -> InterruptReturn.iret(cpu, size));
      }
      case "ret" -> {
        long drop = c.operands() == 0 ? 0 : i.immediate();
        return new Gone(mode, (cpu, next) -> FarTransfers.ret(cpu, size, drop));
      }
      default -> {
        FarPointer pointer = FarPointer.of(c);
        return c.mnemonic().equals("jmp")
            ? new Gone(mode, (cpu, next) -> pointer.jump(cpu))
            : new Gone(mode, (cpu, next) -> pointer.call(cpu, next));
      }
    }
  }

  // ---------------------------------------------------------------- segments and flags

  private static @Nullable Op move(Context c) {
    Instruction i = c.instruction();
    if (c.kind(0) == Kind.S) {
      int segment = i.segmentRegister();
      Loc from = c.loc(1);
      return new Leaving(cpu -> loadSegment(cpu, segment, (int) from.unsigned(cpu)));
    } else if (c.kind(1) == Kind.S) {
      int segment = i.segmentRegister();
      return store(c, cpu -> cpu.selector(segment));
    } else if (c.kind(0) == Kind.C) {
      Loc from = c.loc(1);
      return new Leaving(cpu -> Control.write(cpu, i.reg(), from.unsigned(cpu)));
    } else if (c.kind(1) == Kind.C) {
      return store(c, cpu -> Control.read(cpu, i.reg()));
    } else if (c.kind(0) == Kind.D) {
      Loc from = c.loc(1);
      return new Leaving(cpu -> Control.writeDebug(cpu, i.reg(), from.unsigned(cpu)));
    }
    return c.kind(1) == Kind.D ? store(c, cpu -> Control.readDebug(cpu, i.reg())) : null;
  }

  private static void loadSegment(Cpu cpu, int segment, int selector) {
    Segments.load(cpu, segment, selector);
    if (segment == Instruction.SS) {
      shadow(cpu, Slots.SHADOW_OF_SS);
    }
  }

  /// STAC and CLAC: opens users' pages.
  private static void access(Cpu cpu, boolean on) {
    cpu.flag(Flags.AC, on);
    ModeKey.update(cpu);
  }

  private static void shadow(Cpu cpu, int kind) {
    cpu.set(Slots.SHADOW, kind);
    ModeKey.update(cpu);
  }

  private static Op popSegment(Context c) {
    Stack stack = Stack.of(c);
    int size = c.instruction().operandBytes();
    int segment = c.instruction().form().operands().getFirst().register();
    return new Leaving(
        cpu -> {
          loadSegment(cpu, segment, (int) stack.top(cpu, size) & 0xFFFF);
          stack.drop(cpu, size);
        });
  }

  private static Op loadPointer(Context c) {
    int segment = c.instruction().form().implied().getFirst().register();
    int size = c.instruction().operandBytes();
    Ea ea = c.ea();
    Loc to = c.loc(0);
    return new Leaving(
        cpu -> {
          long address = ea.of(cpu, size + 2);
          long offset = cpu.load(address, size);
          loadSegment(cpu, segment, (int) cpu.load16(address + size));
          to.write(cpu, 0, offset);
        });
  }

  private static Op popFlags(Context c) {
    Stack stack = Stack.of(c);
    int size = c.instruction().operandBytes();
    return new Leaving(
        cpu -> {
          InterruptReturn.popFlags(cpu, size, stack.top(cpu, size));
          stack.drop(cpu, size);
        });
  }

  private static void sti(Cpu cpu) {
    if (!cpu.flag(Flags.IF)) {
      cpu.flag(Flags.IF, true);
      shadow(cpu, Slots.SHADOW_OF_STI);
    }
  }

  private static void halt(Cpu cpu) {
    cpu.set(Slots.ACTIVITY, Slots.HALTED);
  }

  private static Op invlpg(Context c) {
    Ea ea = c.ea();
    return new Leaving(
        cpu -> {
          VarHandle.fullFence();
          cpu.slow().flushPage(cpu, ea.unchecked(cpu));
        });
  }

  /// Faults as a read of a byte does.
  private static Consumer<Cpu> clflush(Context c) {
    Ea ea = c.ea();
    return cpu -> {
      long unused = cpu.load8(ea.of(cpu, 1));
    };
  }

  // ---------------------------------------------------------------- values in and out

  private static Op store(Context c, ToLongFunction<Cpu> value) {
    Loc to = c.loc(0);
    return new Going(
        cpu -> {
          long address = to.addressForWrite(cpu);
          to.write(cpu, address, value.applyAsLong(cpu));
        });
  }

  private interface Taker {
    void take(Cpu cpu, long value);
  }

  private static Op take(Context c, Taker taker) {
    Loc from = c.loc(0);
    return new Leaving(cpu -> taker.take(cpu, from.unsigned(cpu)));
  }

  private static Op verify(Context c) {
    Loc from = c.loc(0);
    boolean write = c.mnemonic().equals("verw");
    return new Going(
        cpu -> {
          boolean ok = Segments.verifies(cpu, (int) from.unsigned(cpu), write);
          cpu.status(Flags.ZF, ok ? Flags.ZF : 0);
        });
  }

  private static Op look(Context c) {
    Loc.Register to = (Loc.Register) c.loc(0);
    Loc from = c.loc(1);
    boolean rights = c.mnemonic().equals("lar");
    return new Going(
        cpu -> {
          int selector = (int) from.unsigned(cpu);
          long seen = rights ? Segments.accessRights(cpu, selector) : Segments.limit(cpu, selector);
          if (seen != PREVIOUS_UNCHANGED) {
            to.write(cpu, 0, seen);
          }
          cpu.status(Flags.ZF, seen == PREVIOUS_UNCHANGED ? 0 : Flags.ZF);
        });
  }

  private static Op arpl(Context c) {
    Loc to = c.loc(0);
    Loc from = c.loc(1);
    return new Going(
        cpu -> {
          // the right to write is only asked for by what does write
          long address = to.address(cpu);
          long selector = to.read(cpu, address);
          long wanted = from.read(cpu) & 3;
          boolean raise = (selector & 3) < wanted;
          if (raise) {
            to.write(cpu, to.addressForWrite(cpu), selector & ~3L | wanted);
          }
          cpu.status(Flags.ZF, raise ? Flags.ZF : 0);
        });
  }

  private static long pair(Cpu cpu) {
    return cpu.gpr(Cpu.RDX) << 32 | cpu.gpr(Cpu.RAX) & 0xFFFF_FFFFL;
  }

  private static void pair(Cpu cpu, long value) {
    cpu.gpr(Cpu.RAX, value & 0xFFFF_FFFFL);
    cpu.gpr(Cpu.RDX, value >>> 32);
  }

  private static void readMsr(Cpu cpu) {
    pair(cpu, Msrs.read(cpu, (int) cpu.gpr(Cpu.RCX)));
  }

  private static void time(Cpu cpu, boolean withId) {
    if (cpu.cpl() != 0 && (cpu.get(Slots.CR4) & Control.CR4_TSD) != 0) {
      throw cpu.fault(CpuFault.GP);
    }
    pair(cpu, cpu.platform().tsc(cpu));
    if (withId) {
      cpu.gpr(Cpu.RCX, cpu.get(Slots.TSC_AUX) & 0xFFFF_FFFFL);
    }
  }

  private static void writeMsr(Cpu cpu) {
    VarHandle.fullFence();
    Msrs.write(cpu, (int) cpu.gpr(Cpu.RCX), pair(cpu));
  }

  /// Serialises: what was stored before is there for all (SDM 3A, 9.3).
  private static void cpuid(Cpu cpu) {
    VarHandle.fullFence();
    int[] words = new int[4];
    cpu.platform().cpuid(cpu, (int) cpu.gpr(Cpu.RAX), (int) cpu.gpr(Cpu.RCX), words);
    cpu.gpr(Cpu.RAX, words[0] & 0xFFFF_FFFFL);
    cpu.gpr(Cpu.RBX, words[1] & 0xFFFF_FFFFL);
    cpu.gpr(Cpu.RCX, words[2] & 0xFFFF_FFFFL);
    cpu.gpr(Cpu.RDX, words[3] & 0xFFFF_FFFFL);
  }

  private static void swapGs(Cpu cpu) {
    int gs = Slots.segment(Instruction.GS);
    long base = cpu.get(gs);
    cpu.set(gs, cpu.get(Slots.KERNEL_GS_BASE));
    cpu.set(Slots.KERNEL_GS_BASE, base);
  }

  // ---------------------------------------------------------------- traps

  private static Op interrupt(Mode mode, int vector) {
    return new Gone(
        mode,
        (cpu, next) -> {
          if (cpu.flag(Flags.VM) && FarTransfers.iopl(cpu) < 3 && vector != CpuFault.BP) {
            throw cpu.fault(CpuFault.GP);
          }
          deliver(cpu, vector, next);
        });
  }

  private static void deliver(Cpu cpu, int vector, long next) {
    long rip = cpu.get(Slots.RIP);
    cpu.set(Slots.RIP, next);
    try {
      Interrupts.deliver(cpu, vector, 0, Interrupts.Source.SOFTWARE);
    } catch (CpuFault fault) {
      cpu.set(Slots.RIP, rip);
      throw fault;
    }
  }

  private static Op into(Mode mode) {
    return new Gone(
        mode,
        (cpu, next) -> {
          if ((cpu.status() & Flags.OF) != 0) {
            deliver(cpu, CpuFault.OF, next);
          } else {
            cpu.set(Slots.RIP, next);
          }
        });
  }

  // ---------------------------------------------------------------- shapes

  /// May ask for privilege before it does anything.
  abstract static class Privileged extends Op {
    private @Nullable Form guard;
    private boolean onStack;

    @Override
    public final boolean isOnStack() {
      return onStack;
    }

    final void guard(Form form) {
      boolean isGuarded =
          form.is(Attribute.CPL0)
              || form.is(Attribute.IOPL)
              || form.is(Attribute.PROT)
              || form.is(Attribute.UMIP);
      guard = isGuarded ? form : null;
    }

    final void check(Cpu cpu) {
      if (guard != null) {
        check(cpu, guard);
      }
    }

    private static void check(Cpu cpu, Form form) {
      if (form.is(Attribute.PROT) && !cpu.isProtected()) {
        throw cpu.fault(form.mnemonic().startsWith("sys") ? CpuFault.GP : CpuFault.UD);
      }
      if (form.is(Attribute.SMAP)
          && (cpu.cpl() != 0 || (cpu.platform().cr4Bits() & Control.CR4_SMAP) == 0)) {
        throw cpu.fault(CpuFault.UD);
      }
      boolean isDenied =
          (form.is(Attribute.CPL0) && cpu.cpl() != 0)
              || (form.is(Attribute.IOPL) && cpu.cpl() > FarTransfers.iopl(cpu))
              || (form.is(Attribute.UMIP)
                  && cpu.cpl() != 0
                  && (cpu.get(Slots.CR4) & Control.CR4_UMIP) != 0);
      if (isDenied) {
        throw cpu.fault(CpuFault.GP);
      }
    }
  }

  /// Does something and goes on.
  static final class Going extends Privileged {
    private final Consumer<Cpu> effect;

    Going(Consumer<Cpu> effect) {
      this.effect = effect;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      check(cpu);
      effect.accept(cpu);
      return next;
    }
  }

  /// Does something and leaves the block.
  static final class Leaving extends Privileged {
    private final Consumer<Cpu> effect;

    Leaving(Consumer<Cpu> effect) {
      this.effect = effect;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      check(cpu);
      effect.accept(cpu);
      return leave(cpu);
    }
  }

  /// Goes somewhere else by itself.
  static final class Gone extends Privileged {
    private final Mode mode;
    private final Jumper jumper;

    /// Where to, and what on the way.
    interface Jumper {
      /// @param next where the next instruction would be
      void go(Cpu cpu, long next);
    }

    Gone(Mode mode, Jumper jumper) {
      this.mode = mode;
      this.jumper = jumper;
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      check(cpu);
      jumper.go(cpu, cpu.get(Slots.PAGE) + end() & Ip.mask(mode));
      return null;
    }
  }
}
