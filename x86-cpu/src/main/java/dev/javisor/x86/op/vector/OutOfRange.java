package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.FloatingPoint.Routine;
import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Slots;
import org.jspecify.annotations.Nullable;

/// Overflow and underflow that are not masked (SDM 1, 4.9.1.4 and 4.9.1.5). They are judged by the
/// result rounded as if exponents had no bounds: one that is tiny counts even if it is exact, and
/// the precision exception follows from that result and not from the one a masked exception leaves.
final class OutOfRange {
  private final Routine routine;
  private final Operation operation;
  private final Format from;
  private final Format to;
  private final int lanes;

  private OutOfRange(Context c, Routine routine, Operation operation) {
    this.routine = routine;
    this.operation = operation;
    boolean isConversion = operation == Operation.NARROW;
    to = Format.of(c.mnemonic().endsWith("s") ? 4 : 8);
    from = isConversion ? Format.DOUBLE : to;
    lanes = c.bytes(0) < 16 ? 1 : 16 / from.bytes();
  }

  /// Null if results of `c` are always in range.
  static @Nullable OutOfRange of(Context c, Routine routine) {
    Operation operation = Operation.of(c.mnemonic());
    return operation == null ? null : new OutOfRange(c, routine, operation);
  }

  /// What is to be raised after the routine has run and found `found`. The second operand is still
  /// in its place, the first one in slot `target`.
  int refine(Cpu cpu, int target, int found) {
    int unmasked = Mxcsr.unmasked(cpu) & (Mxcsr.OE | Mxcsr.UE);
    boolean isTiny = (unmasked & Mxcsr.UE) != 0 && hasTiny(cpu);
    return (found & unmasked) != 0 || isTiny ? laneByLane(cpu, target, unmasked) : found;
  }

  private boolean hasTiny(Cpu cpu) {
    for (int i = 0; i < lanes; i++) {
      if (to.isDenormal(lane(cpu, Slots.FP_TARGET, i, to))) {
        return true;
      }
    }
    return false;
  }

  private static long lane(Cpu cpu, int slot, int number, Format format) {
    int at = number * format.bytes();
    return cpu.get(slot + (at & 8)) >>> (8 * (at & 7)) & format.mask();
  }

  /// Each pair of lanes alone, in all places of the registers.
  private int laneByLane(Cpu cpu, int target, int unmasked) {
    long[] second = new long[lanes];
    for (int i = 0; i < lanes; i++) {
      second[i] = lane(cpu, Slots.FP_SOURCE, i, from);
    }
    int found = 0;
    for (int i = 0; i < lanes; i++) {
      found |= alone(cpu, lane(cpu, target, i, from), second[i], unmasked);
    }
    return found;
  }

  private int alone(Cpu cpu, long a, long b, int unmasked) {
    fill(cpu, Slots.FP_TARGET, a);
    fill(cpu, Slots.FP_SOURCE, b);
    int found = Arithmetic.run(cpu, routine);
    if (to.isDenormal(lane(cpu, Slots.FP_TARGET, 0, to))) {
      found |= unmasked & Mxcsr.UE;
    }
    if ((found & unmasked) == 0) {
      return found;
    }
    boolean isExact = operation.isExact(from.value(a), from.value(b), to.precision());
    return isExact ? found & ~Mxcsr.PE : found | Mxcsr.PE;
  }

  private void fill(Cpu cpu, int slot, long number) {
    long everywhere = from == Format.SINGLE ? number | number << 32 : number;
    Action.both(cpu, slot, everywhere, everywhere);
  }
}
