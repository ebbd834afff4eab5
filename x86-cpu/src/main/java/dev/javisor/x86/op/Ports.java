package dev.javisor.x86.op;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.Breakpoints;
import dev.javisor.x86.system.ModeKey;
import dev.javisor.x86.system.PortPermission;
import dev.javisor.x86.table.Kind;
import org.jspecify.annotations.Nullable;

/// IN, OUT, INS and OUTS (SDM 2; SDM 1, ch. 19).
final class Ports {
  private static final int SLICE = 256;

  private Ports() {}

  static @Nullable Op of(Context c) {
    return switch (c.mnemonic()) {
      case "in" -> new In(c);
      case "out" -> new Out(c);
      case "insb", "insw", "insd" -> new Repeated(c, true);
      case "outsb", "outsw", "outsd" -> new Repeated(c, false);
      default -> null;
    };
  }

  /// The port that operand `number` names.
  private static Loc port(Context c, int number) {
    return c.kind(number) == Kind.I
        ? new Loc.Constant(c.instruction().immediate() & 0xFF, 8)
        : Loc.Register.of(Cpu.RDX, 2);
  }

  private static long in(Cpu cpu, int port, int size) {
    long value = cpu.platform().in(port, size);
    Breakpoints.notePorts(cpu, port, size);
    return value;
  }

  private static void out(Cpu cpu, int port, int size, long value) {
    cpu.platform().out(port, size, value);
    Breakpoints.notePorts(cpu, port, size);
  }

  private static final class In extends Op {
    private final Loc to;
    private final Loc port;

    In(Context c) {
      to = c.loc(0);
      port = port(c, 1);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      int at = (int) port.unsigned(cpu);
      PortPermission.check(cpu, at, to.bytes());
      to.write(cpu, 0, in(cpu, at, to.bytes()));
      return leave(cpu);
    }
  }

  /// Leaves its block: the device may have stopped the machine.
  private static final class Out extends Op {
    private final Loc port;
    private final Loc from;

    Out(Context c) {
      port = port(c, 0);
      from = c.loc(1);
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      int at = (int) port.unsigned(cpu);
      PortPermission.check(cpu, at, from.bytes());
      out(cpu, at, from.bytes(), from.unsigned(cpu));
      return leave(cpu);
    }
  }

  private static final class Repeated extends Op {
    private final boolean isInput;
    private final boolean isRepeated;
    private final int size;
    private final Ea ea;
    private final Loc.Register index;
    private final Loc.Register count;

    Repeated(Context c, boolean isInput) {
      Instruction i = c.instruction();
      this.isInput = isInput;
      isRepeated = i.isRepeated();
      size = c.mnemonic().endsWith("b") ? 1 : c.mnemonic().endsWith("w") ? 2 : 4;
      ea = isInput ? c.at(Cpu.RDI, Instruction.ES) : c.at(Cpu.RSI, -1);
      index = Loc.Register.of(isInput ? Cpu.RDI : Cpu.RSI, i.addressBytes());
      count = Loc.Register.of(Cpu.RCX, i.addressBytes());
    }

    @Override
    public @Nullable Op exec(Cpu cpu) {
      int port = (int) cpu.gpr(Cpu.RDX) & 0xFFFF;
      PortPermission.check(cpu, port, size);
      if (!isRepeated) {
        once(cpu, port);
        return leave(cpu);
      }
      boolean isSingle = ModeKey.isSingle((int) cpu.get(Slots.KEY));
      for (int i = 0; i < SLICE; i++) {
        long left = count.unsigned(cpu);
        if (left == 0) {
          return leave(cpu);
        }
        once(cpu, port);
        count.write(cpu, 0, left - 1);
        cpu.platform().completed();
        if (isSingle && left != 1) {
          cpu.flag(Flags.RF, Breakpoints.any(cpu)); // as for other strings
          return again(cpu);
        }
      }
      return again(cpu);
    }

    private void once(Cpu cpu, int port) {
      if (isInput) {
        long address = ea.forWrite(cpu, size);
        cpu.probeStore(address, size);
        cpu.store(address, size, in(cpu, port, size));
      } else {
        out(cpu, port, size, cpu.load(ea.of(cpu, size), size));
      }
      long step = cpu.flag(Flags.DF) ? -size : size;
      index.write(cpu, 0, index.read(cpu) + step);
    }
  }
}
