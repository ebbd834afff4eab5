package dev.javisor.x86.op.vector;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Ea;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import java.nio.ByteBuffer;

/// FNSTENV and FLDENV, FNSAVE and FRSTOR (SDM 1, 8.1.10): the x87's words as the 8087 to the 80387
/// had them, in one of four formats by operand size and whether the mode is a protected one, and
/// behind them the registers. Their first word and then their last byte fault before any other, as
/// on Intel's processors. There are no selectors, and an opcode only behind an unmasked exception.
final class Environment {
  private static final int REGISTERS_BYTES = 80;
  private static final int WORD = 0xFFFF;
  private static final int OPCODE = 0x7FF;
  private static final int UNUSED = 0xFFFF_0000;

  private Environment() {}

  static Op save(Context c, boolean withRegisters) {
    Ea ea = c.ea();
    int size = c.instruction().operandBytes() == 2 ? 2 : 4;
    int bytes = 7 * size + (withRegisters ? REGISTERS_BYTES : 0);
    return Guarded.of(
        c,
        cpu -> {
          long address = ea.forWrite(cpu, bytes);
          cpu.probeStore(address, size);
          cpu.probeStore(address + bytes - 1, 1);
          ByteBuffer image = Words.allocate(bytes);
          put(cpu, image, size);
          if (withRegisters) {
            putRegisters(cpu, image, 7 * size);
          }
          Words.store(cpu, at -> address + at, image);
          if (withRegisters) {
            X87.init(cpu);
          } else {
            X87.fcw(cpu, X87.fcw(cpu) | X87.EXCEPTIONS);
          }
        });
  }

  static Op load(Context c, boolean withRegisters) {
    Ea ea = c.ea();
    int size = c.instruction().operandBytes() == 2 ? 2 : 4;
    int bytes = 7 * size + (withRegisters ? REGISTERS_BYTES : 0);
    return Guarded.of(
        c,
        cpu -> {
          long address = ea.of(cpu, bytes);
          cpu.load(address, size);
          cpu.load8(address + bytes - 1);
          ByteBuffer image = Words.load(cpu, at -> address + at, bytes);
          take(cpu, image, size);
          if (withRegisters) {
            takeRegisters(cpu, image, 7 * size);
          }
        });
  }

  private static void put(Cpu cpu, ByteBuffer image, int size) {
    int fip = (int) cpu.get(X87.FIP);
    int fdp = (int) cpu.get(X87.FDP);
    int fop = X87.fop(cpu);
    int[] words =
        isProtected(cpu)
            ? new int[] {fip, size == 2 ? 0 : fop << 16, fdp, 0}
            : new int[] {fip, above(fip, size) | fop, fdp, above(fdp, size)};
    int[] control = {X87.fcw(cpu), X87.fsw(cpu), fullTags(cpu)};
    for (int i = 0; i < 7; i++) {
      int word = i < 3 ? control[i] : words[i - 3];
      if (size == 2) {
        image.putShort(2 * i, (short) word);
      } else {
        image.putInt(4 * i, isHalf(cpu, i) ? word | UNUSED : word);
      }
    }
  }

  /// Where the 32-bit formats have ones above 16 bits.
  private static boolean isHalf(Cpu cpu, int word) {
    return isProtected(cpu) ? word < 3 || word == 6 : word != 4 && word != 6;
  }

  /// The upper part of a linear address in the formats that have no selector: four bits or sixteen,
  /// from bit 12 on.
  private static int above(int address, int size) {
    return size == 2 ? address >>> 4 & 0xF000 : address >>> 4 & 0x0FFF_F000;
  }

  private static void take(Cpu cpu, ByteBuffer image, int size) {
    int[] words = new int[7];
    for (int i = 0; i < 7; i++) {
      words[i] = size == 2 ? image.getShort(2 * i) & WORD : image.getInt(4 * i);
    }
    boolean isProtected = isProtected(cpu);
    int fop = isProtected ? size == 2 ? 0 : words[4] >>> 16 : words[4];
    X87.moveTop(cpu, words[1] >> 11 & 7);
    X87.words(cpu, words[0], words[1], abridged(words[2]), fop & OPCODE);
    cpu.set(X87.FIP, isProtected ? unsigned(words[3]) : linear(words[3], words[4]));
    cpu.set(X87.FDP, isProtected ? unsigned(words[5]) : linear(words[5], words[6]));
  }

  private static long unsigned(int word) {
    return word & 0xFFFF_FFFFL;
  }

  private static long linear(int low, int high) {
    return unsigned((low & WORD) | (high & 0x0FFF_F000) << 4);
  }

  private static boolean isProtected(Cpu cpu) {
    return (cpu.get(Slots.CR0) & 1) != 0 && !cpu.flag(Flags.VM);
  }

  private static void putRegisters(Cpu cpu, ByteBuffer image, int at) {
    for (int i = 0; i < 8; i++) {
      image.putLong(at + 10 * i, cpu.get(X87.ST + 16 * i));
      image.putShort(at + 10 * i + 8, (short) cpu.get(X87.ST + 16 * i + 8));
    }
  }

  private static void takeRegisters(Cpu cpu, ByteBuffer image, int at) {
    for (int i = 0; i < 8; i++) {
      cpu.set(X87.ST + 16 * i, image.getLong(at + 10 * i));
      cpu.set(X87.ST + 16 * i + 8, image.getShort(at + 10 * i + 8) & WORD);
    }
  }

  /// Two bits for each register by its number (SDM 1, 8.1.7).
  private static int fullTags(Cpu cpu) {
    int tags = 0;
    for (int i = 0; i < 8; i++) {
      boolean isThere = (X87.tags(cpu) >> i & 1) != 0;
      int slot = X87.ST + 16 * (i - X87.top(cpu) & 7);
      tags |= (isThere ? tag(cpu.get(slot), (int) cpu.get(slot + 8) & 0x7FFF) : 3) << (2 * i);
    }
    return tags;
  }

  /// Valid, zero, or special: with no integer bit, infinite or no number.
  private static int tag(long significand, int exponent) {
    if (exponent == 0) {
      return significand == 0 ? 1 : 2;
    }
    return exponent == 0x7FFF || significand >= 0 ? 2 : 0;
  }

  private static int abridged(int fullTags) {
    int tags = 0;
    for (int i = 0; i < 8; i++) {
      tags |= (fullTags >> (2 * i) & 3) == 3 ? 0 : 1 << i;
    }
    return tags;
  }
}
