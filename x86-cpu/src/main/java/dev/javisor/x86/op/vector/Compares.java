package dev.javisor.x86.op.vector;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Flags;

/// Comparisons of floating-point numbers (SDM 2: CMPPS, CMPPD, CMPSS, CMPSD, COMISS, UCOMISS and
/// their like): with no rounding there is nothing that Java does not do.
final class Compares {
  private static final int EQUAL = 0;
  private static final int LESS = 1;
  private static final int LESS_OR_EQUAL = 2;

  /// In the immediate: the opposite.
  private static final int NOT = 4;

  private Compares() {}

  /// CMPxx: all ones where the predicate holds, else zeros.
  static Action mask(Context c) {
    Format format = Format.of(c.mnemonic().charAt(4) == 's' ? 4 : 8);
    int predicate = (int) c.instruction().immediate() & 7;
    int bytes = c.bytes(0);
    return (cpu, t, s) -> {
      long found = lanes(cpu, t, s, Math.min(bytes, 8), format, predicate);
      long foundHigh = bytes == 16 ? lanes(cpu, t + 8, s + 8, 8, format, predicate) : 0;
      Mxcsr.raise(cpu, (int) (found | foundHigh) & Mxcsr.EXCEPTIONS);
      write(cpu, t, Math.min(bytes, 8), format, found);
      if (bytes == 16) {
        write(cpu, t + 8, 8, format, foundHigh);
      }
    };
  }

  /// The exceptions of one or two lanes, and above them which hold.
  private static long lanes(Cpu cpu, int t, int s, int bytes, Format format, int predicate) {
    boolean isZero = (Mxcsr.get(cpu) & Mxcsr.DAZ) != 0;
    boolean isSignaling = (predicate & 3) == LESS || (predicate & 3) == LESS_OR_EQUAL;
    long result = 0;
    for (int at = 0; at < bytes; at += format.bytes()) {
      long a = format.take(cpu.get(t) >>> (8 * at), isZero);
      long b = format.take(cpu.get(s) >>> (8 * at), isZero);
      result |= format.exceptions(a, b, isSignaling);
      result |= holds(format, a, b, predicate) ? 1L << (8 + at) : 0;
    }
    return result;
  }

  private static boolean holds(Format format, long a, long b, int predicate) {
    double x = format.value(a);
    double y = format.value(b);
    boolean positive =
        switch (predicate & 3) {
          case EQUAL -> x == y;
          case LESS -> x < y;
          case LESS_OR_EQUAL -> x <= y;
          default -> format.isNan(a) || format.isNan(b);
        };
    return positive == ((predicate & NOT) == 0);
  }

  private static void write(Cpu cpu, int slot, int bytes, Format format, long found) {
    long result = cpu.get(slot);
    for (int at = 0; at < bytes; at += format.bytes()) {
      long mask = format.mask() << (8 * at);
      result = (found >> (8 + at) & 1) != 0 ? result | mask : result & ~mask;
    }
    cpu.set(slot, result);
  }

  /// COMISx, to which quiet NaNs are invalid too, and UCOMISx.
  static Op flags(Context c) {
    Format format = Format.of(c.mnemonic().endsWith("s") ? 4 : 8);
    boolean isSignaling = c.mnemonic().charAt(0) == 'c';
    int first = Registers.slot(c, 0);
    Source second = Source.of(c, 1);
    return Guarded.of(
        c,
        cpu -> {
          boolean isZero = (Mxcsr.get(cpu) & Mxcsr.DAZ) != 0;
          long b = format.take(cpu.get(second.fetch(cpu)), isZero);
          long a = format.take(cpu.get(first), isZero);
          Mxcsr.raise(cpu, format.exceptions(a, b, isSignaling));
          cpu.status(flags(format, a, b));
        });
  }

  private static int flags(Format format, long a, long b) {
    if (format.isNan(a) || format.isNan(b)) {
      return Flags.ZF | Flags.PF | Flags.CF;
    }
    double x = format.value(a);
    double y = format.value(b);
    return x == y ? Flags.ZF : x < y ? Flags.CF : 0;
  }
}
