package dev.javisor.x86.op.vector;

import dev.javisor.x86.block.Op;
import dev.javisor.x86.fp.Mxcsr;
import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.op.Ea;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import java.nio.ByteBuffer;
import java.util.function.IntToLongFunction;

/// FXSAVE and FXRSTOR (SDM 1, 10.5; SDM 2). The image has 16 XMM registers in 64-bit mode and 8
/// outside; addresses have 8 bytes with REX.W, else 4 and a selector, which processors without one
/// in the x87 read and write as 0 (CPUID.7.0:EBX[13]). XMM registers and MXCSR are in it whatever
/// CR4.OSFXSR is. Bytes behind the registers are left alone, though the last one is the first to
/// fault, as on Intel's processors.
final class FxImage {
  private static final int IMAGE_BYTES = 512;
  private static final int REGISTERS = 32;
  private static final int XMM = 160;
  private static final long SELECTORS = 0xFFFF_FFFFL;

  private FxImage() {}

  static Op save(Context c) {
    Ea ea = c.ea();
    int bytes = bytes(c);
    boolean isWide = isWide(c);
    return Guarded.of(
        c,
        cpu -> {
          IntToLongFunction place = aligned(cpu, ea, true);
          cpu.probeStore(place.applyAsLong(IMAGE_BYTES - 1), 1);
          cpu.probeStore(place.applyAsLong(0), 1);
          Words.store(cpu, place, image(cpu, bytes, isWide ? -1 : SELECTORS));
        });
  }

  static Op restore(Context c) {
    Ea ea = c.ea();
    int bytes = bytes(c);
    boolean isWide = isWide(c);
    return Guarded.of(
        c,
        cpu -> {
          IntToLongFunction place = aligned(cpu, ea, false);
          cpu.load8(place.applyAsLong(IMAGE_BYTES - 1));
          ByteBuffer image = Words.load(cpu, place, IMAGE_BYTES);
          restore(cpu, image, bytes, isWide ? -1 : SELECTORS);
        });
  }

  private static int bytes(Context c) {
    return XMM + 16 * (c.mode().isLong() ? 16 : 8);
  }

  private static boolean isWide(Context c) {
    return c.mnemonic().endsWith("64");
  }

  /// Where the image's words are: each has an effective address, which wraps where addresses do.
  private static IntToLongFunction aligned(Cpu cpu, Ea ea, boolean write) {
    long address = write ? ea.forWrite(cpu, IMAGE_BYTES) : ea.of(cpu, IMAGE_BYTES);
    if ((address & 15) != 0) {
      throw cpu.fault(CpuFault.GP);
    }
    return at -> ea.displaced(cpu, at, 1, write);
  }

  private static ByteBuffer image(Cpu cpu, int bytes, long addressMask) {
    ByteBuffer image = Words.allocate(bytes);
    for (int at = 0; at < bytes; at += 8) {
      image.putLong(at, cpu.get(Slots.FX + at));
    }
    image.putLong(X87.FIP - Slots.FX, cpu.get(X87.FIP) & addressMask);
    image.putLong(X87.FDP - Slots.FX, cpu.get(X87.FDP) & addressMask);
    image.putInt(Slots.MXCSR - Slots.FX + 4, cpu.mxcsrMask());
    return image;
  }

  /// All is there: MXCSR alone can still fault.
  private static void restore(Cpu cpu, ByteBuffer image, int bytes, long addressMask) {
    Mxcsr.load(cpu, image.getInt(Slots.MXCSR - Slots.FX));
    X87.words(cpu, image.getShort(0), image.getShort(2), image.get(4), image.getShort(6));
    cpu.set(X87.FIP, image.getLong(X87.FIP - Slots.FX) & addressMask);
    cpu.set(X87.FDP, image.getLong(X87.FDP - Slots.FX) & addressMask);
    for (int at = REGISTERS; at < bytes; at += 8) {
      boolean isTop = at < XMM && (at & 8) != 0;
      cpu.set(Slots.FX + at, isTop ? image.getShort(at) & 0xFFFF : image.getLong(at));
    }
  }
}
