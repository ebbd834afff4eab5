package dev.javisor.x86.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// States of x87, MMX and SSE as FXSAVE64 has them (SDM 2, FXSAVE, table 3-46).
final class FloatingPoint {
  static final int CW = 0;
  static final int SW = 2;

  /// In the status word: an exception is pending that is not masked.
  static final int SW_ES = 0x80;

  static final int TW = 4;
  static final int POINTERS = 6;
  static final int MXCSR = 24;
  static final int MXCSR_MASK = 28;
  static final int ST = 32;
  static final int XMM = 160;
  static final int RESERVED = 416;
  static final int REGISTER_BYTES = 16;

  private static final int CW_MASKED = 0x37F;
  private static final int CW_UNMASKED = 0x3F;
  private static final int MXCSR_MASKED = 0x1F80;

  private FloatingPoint() {}

  /// Most with all exceptions masked and nothing pending.
  static void fill(MemorySegment memory, long at, SplittableRandom random) {
    memory.asSlice(at, CaseLayout.FX_BYTES).fill((byte) 0);
    int choice = random.nextInt();
    int cw = (CW_MASKED & ~0xF00) | (choice & 0xC00) | ((choice & 0xF000) == 0 ? 0 : 0x300);
    cw = oneIn(8, random) ? cw & ~CW_UNMASKED : cw;
    memory.set(JAVA_SHORT_UNALIGNED, at + CW, (short) cw);
    int sw = random.nextInt() & (oneIn(16, random) ? 0x7F7F : 0x7F00);
    memory.set(JAVA_SHORT_UNALIGNED, at + SW, (short) withSummary(sw, cw));
    memory.set(JAVA_SHORT_UNALIGNED, at + TW, (short) tags(random));
    int mxcsr = (MXCSR_MASKED & ~0x1F80) | (oneIn(8, random) ? random.nextInt() & 0x1F80 : 0x1F80);
    mxcsr |= random.nextInt() & (oneIn(4, random) ? 0xE07F : 0x603F);
    memory.set(JAVA_INT_UNALIGNED, at + MXCSR, mxcsr);
    for (int i = 0; i < 8; i++) {
      memory.set(JAVA_LONG_UNALIGNED, at + ST + 16L * i, Values.significand(random));
      memory.set(JAVA_SHORT_UNALIGNED, at + ST + 16L * i + 8, (short) Values.exponent(random));
    }
    for (int i = 0; i < 32; i++) {
      memory.set(JAVA_LONG_UNALIGNED, at + XMM + 8L * i, Values.lanes(random));
    }
  }

  /// Full, empty, or some of both.
  private static int tags(SplittableRandom random) {
    int choice = random.nextInt();
    return (choice & 3) == 0 ? choice >>> 8 & 0xFF : (choice & 7) == 1 ? 0 : 0xFF;
  }

  /// ES and B say whether an exception is pending that is not masked (SDM 1, 8.1.3.3).
  private static int withSummary(int sw, int cw) {
    boolean pending = (sw & ~cw & CW_UNMASKED) != 0;
    return pending ? sw | 0x8080 : sw & ~0x8080;
  }

  private static boolean oneIn(int n, SplittableRandom random) {
    return random.nextInt(n) == 0;
  }
}
