package dev.javisor.x86.op.vector;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Loc;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Kind;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/// Picks the operation for an MMX, SSE or x87 instruction. Any thread.
public final class Families {
  private Families() {}

  /// Null if it is none of these.
  public static @Nullable Op of(Context c) {
    if (c.instruction().form().is(Attribute.X87)) {
      return X87Ops.of(c);
    }
    return switch (c.mnemonic()) {
      case "emms" -> Guarded.of(c, X87::leaveMmx);
      case "ldmxcsr" -> loadMxcsr(c);
      case "stmxcsr" -> storeMxcsr(c);
      case "maskmovq", "maskmovdqu" -> new MaskMove(c);
      case "comiss", "comisd", "ucomiss", "ucomisd" -> Compares.flags(c);
      case "cmpps", "cmppd", "cmpss", "cmpsd" -> new Combine(c, Compares.mask(c));
      default -> extraction(c);
    };
  }

  private static Op loadMxcsr(Context c) {
    Loc from = c.loc(0);
    return Guarded.of(c, cpu -> Mxcsr.load(cpu, (int) from.unsigned(cpu)));
  }

  private static Op storeMxcsr(Context c) {
    Loc to = c.loc(0);
    return Guarded.of(c, cpu -> to.write(cpu, to.addressForWrite(cpu), Mxcsr.get(cpu)));
  }

  private static @Nullable Op extraction(Context c) {
    return switch (c.mnemonic()) {
      case "movmskps" -> new Extract(c, (cpu, s) -> signs(cpu, s, 16, 32));
      case "movmskpd" -> new Extract(c, (cpu, s) -> signs(cpu, s, 16, 64));
      case "pmovmskb" -> {
        int bytes = c.bytes(1);
        yield new Extract(c, (cpu, s) -> signs(cpu, s, bytes, 8));
      }
      case "pextrw" -> word(c);
      default -> isMove(c) ? move(c) : combination(c);
    };
  }

  /// The top bit of each lane.
  private static long signs(Cpu cpu, int slot, int bytes, int bits) {
    long signs = 0;
    int lanes = 8 * bytes / bits;
    for (int i = 0; i < lanes; i++) {
      int last = (i + 1) * bits - 1;
      signs |= (cpu.get(slot + (last >> 6) * 8) >>> (last & 63) & 1) << i;
    }
    return signs;
  }

  private static Op word(Context c) {
    int number = (int) c.instruction().immediate() & (c.bytes(1) == 8 ? 3 : 7);
    int offset = (number >> 2) * 8;
    int shift = (number & 3) * 16;
    return new Extract(c, (cpu, s) -> cpu.get(s + offset) >>> shift & 0xFFFF);
  }

  private static boolean isMove(Context c) {
    return c.mnemonic().startsWith("mov");
  }

  private static @Nullable Op move(Context c) {
    if (c.kind(0) == Kind.E) {
      return new Extract(c, Cpu::get);
    } else if (!Registers.isVector(c, 0)) {
      return new StoreVector(c, c.mnemonic().startsWith("movhp") ? 8 : 0);
    }
    Action shuffle = Shuffles.of(c);
    return new Combine(c, shuffle != null ? shuffle : Action.copy(c.bytes(0), c.bytes(1)));
  }

  private static @Nullable Op combination(Context c) {
    LongBinaryOperator lanes = Lanes.of(c.mnemonic());
    Action action = lanes != null ? Action.halves(c.bytes(0), lanes) : Shuffles.of(c);
    if (action == null) {
      action = Shifts.of(c);
    }
    if (action == null) {
      action = Packs.of(c);
    }
    if (action != null) {
      return new Combine(c, action);
    }
    return isArithmetic(c) ? new Arithmetic(c) : null;
  }

  /// What is left of SSE's forms.
  private static boolean isArithmetic(Context c) {
    return c.instruction().form().is(Attribute.SSE) || c.instruction().form().is(Attribute.SSE2);
  }
}
