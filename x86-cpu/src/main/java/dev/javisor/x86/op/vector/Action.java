package dev.javisor.x86.op.vector;

import dev.javisor.x86.state.Cpu;
import java.util.function.LongBinaryOperator;

/// What becomes of a register and another operand, by the slots they are in. The two may be one: an
/// action reads all before it writes. Of an MMX register only the first 8 bytes are an action's.
@FunctionalInterface
interface Action {
  void apply(Cpu cpu, int target, int source);

  /// The same on each 64 bits.
  static Action halves(int bytes, LongBinaryOperator f) {
    return bytes == 8
        ? (cpu, t, s) -> cpu.set(t, f.applyAsLong(cpu.get(t), cpu.get(s)))
        : (cpu, t, s) ->
            both(
                cpu,
                t,
                f.applyAsLong(cpu.get(t), cpu.get(s)),
                f.applyAsLong(cpu.get(t + 8), cpu.get(s + 8)));
  }

  /// Sets all 16 bytes.
  static void both(Cpu cpu, int target, long low, long high) {
    cpu.set(target, low);
    cpu.set(target + 8, high);
  }

  /// Copies: 16 bytes are filled up with zeros, 8 and 4 leave the rest of the target alone.
  static Action copy(int to, int from) {
    long mask = from >= 8 ? -1 : (1L << (8 * from)) - 1;
    if (to == 16) {
      return from == 16
          ? (cpu, t, s) -> both(cpu, t, cpu.get(s), cpu.get(s + 8))
          : (cpu, t, s) -> both(cpu, t, cpu.get(s) & mask, 0);
    }
    long keep = to == 8 ? 0 : ~mask;
    return (cpu, t, s) -> cpu.set(t, (cpu.get(t) & keep) | (cpu.get(s) & mask));
  }
}
