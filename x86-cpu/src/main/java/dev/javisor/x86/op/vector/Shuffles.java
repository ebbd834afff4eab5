package dev.javisor.x86.op.vector;

import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;
import org.jspecify.annotations.Nullable;

/// What moves lanes about: shuffles, unpacks, insertions, and moves of halves (SDM 1, 9.4.4,
/// 10.4.4, 11.4).
final class Shuffles {
  private static final long LOW = 0xFFFF_FFFFL;
  private static final long WORD = 0xFFFF;

  private Shuffles() {}

  /// The action of `c`, or null if it is none of these.
  static @Nullable Action of(Context c) {
    int order = (int) c.instruction().immediate() & 0xFF;
    return switch (c.mnemonic()) {
      case "pshufw" -> (cpu, t, s) -> cpu.set(t, words(cpu.get(s), order));
      case "pshuflw" ->
          (cpu, t, s) -> Action.both(cpu, t, words(cpu.get(s), order), cpu.get(s + 8));
      case "pshufhw" ->
          (cpu, t, s) -> Action.both(cpu, t, cpu.get(s), words(cpu.get(s + 8), order));
      case "pshufd" -> (cpu, t, s) -> doublewords(cpu, t, s, s, order);
      case "shufps" -> (cpu, t, s) -> doublewords(cpu, t, t, s, order);
      case "shufpd" ->
          (cpu, t, s) ->
              Action.both(cpu, t, cpu.get(t + (order & 1) * 8), cpu.get(s + (order >> 1 & 1) * 8));
      case "pinsrw" -> insert(c.bytes(0) == 8 ? order & 3 : order & 7);
      case "movhps", "movhpd", "movlhps" -> (cpu, t, s) -> cpu.set(t + 8, cpu.get(s));
      case "movhlps" -> (cpu, t, s) -> cpu.set(t, cpu.get(s + 8));
      default -> unpack(c);
    };
  }

  private static @Nullable Action unpack(Context c) {
    int bytes = c.bytes(0);
    return switch (c.mnemonic()) {
      case "punpcklbw" -> unpackLow(bytes, 8);
      case "punpcklwd" -> unpackLow(bytes, 16);
      case "punpckldq", "unpcklps" -> unpackLow(bytes, 32);
      case "punpckhbw" -> unpackHigh(bytes, 8);
      case "punpckhwd" -> unpackHigh(bytes, 16);
      case "punpckhdq", "unpckhps" -> unpackHigh(bytes, 32);
      case "punpcklqdq", "unpcklpd" -> (cpu, t, s) -> Action.both(cpu, t, cpu.get(t), cpu.get(s));
      case "punpckhqdq", "unpckhpd" ->
          (cpu, t, s) -> Action.both(cpu, t, cpu.get(t + 8), cpu.get(s + 8));
      default -> null;
    };
  }

  /// Four words of `value`, two bits of `order` choosing each.
  private static long words(long value, int order) {
    long result = 0;
    for (int i = 0; i < 4; i++) {
      result |= (value >>> (16 * (order >> (2 * i) & 3)) & WORD) << (16 * i);
    }
    return result;
  }

  /// Two doublewords of what is at `low`, and two of `high`.
  private static void doublewords(Cpu cpu, int target, int low, int high, int order) {
    Action.both(cpu, target, pair(cpu, low, order), pair(cpu, high, order >> 4));
  }

  private static long pair(Cpu cpu, int slot, int order) {
    return doubleword(cpu, slot, order & 3) | doubleword(cpu, slot, order >> 2 & 3) << 32;
  }

  private static long doubleword(Cpu cpu, int slot, int number) {
    return cpu.get(slot + (number >> 1) * 8) >>> ((number & 1) * 32) & LOW;
  }

  private static Action insert(int number) {
    int shift = (number & 3) * 16;
    int offset = (number >> 2) * 8;
    return (cpu, t, s) ->
        cpu.set(
            t + offset, (cpu.get(t + offset) & ~(WORD << shift)) | (cpu.get(s) & WORD) << shift);
  }

  private static Action unpackLow(int bytes, int bits) {
    return bytes == 8
        ? Action.halves(8, (a, b) -> interleave(a, b, bits))
        : (cpu, t, s) -> unpack(cpu, t, cpu.get(t), cpu.get(s), bits);
  }

  private static Action unpackHigh(int bytes, int bits) {
    return bytes == 8
        ? Action.halves(8, (a, b) -> interleave(a >>> 32, b >>> 32, bits))
        : (cpu, t, s) -> unpack(cpu, t, cpu.get(t + 8), cpu.get(s + 8), bits);
  }

  private static void unpack(Cpu cpu, int target, long a, long b, int bits) {
    Action.both(cpu, target, interleave(a, b, bits), interleave(a >>> 32, b >>> 32, bits));
  }

  /// Lanes of the low halves of `a` and `b` by turns.
  private static long interleave(long a, long b, int bits) {
    long mask = (1L << bits) - 1;
    long result = 0;
    for (int at = 0; at < 32; at += bits) {
      result |= (a >>> at & mask) << (2 * at) | (b >>> at & mask) << (2 * at + bits);
    }
    return result;
  }
}
