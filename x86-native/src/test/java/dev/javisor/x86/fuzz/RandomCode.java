package dev.javisor.x86.fuzz;

import dev.javisor.x86.decode.Mode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;

/// Writes code: bytes of no sense, instructions of every form, and the sequences of a system.
final class RandomCode {
  private static final Map<Mode, CodePool> POOLS = new EnumMap<>(Mode.class);
  private static final int[] MSRS = {
    0x10,
    0x1B,
    0x17,
    0x8B,
    0x174,
    0x175,
    0x176,
    0x1A0,
    0x277,
    0x6E0,
    0x802,
    0x808,
    0x80B,
    0x80D,
    0x80F,
    0x828,
    0x82F,
    0x830,
    0x832,
    0x835,
    0x836,
    0x837,
    0x838,
    0x839,
    0x83E,
    0x83F,
    0x4B56_4D00,
    0x4B56_4D01,
    0xC000_0080,
    0xC000_0081,
    0xC000_0082,
    0xC000_0083,
    0xC000_0084,
    0xC000_0100,
    0xC000_0101,
    0xC000_0102,
    0xC000_0103
  };
  private static final int[] APIC = {
    0x20, 0x80, 0xB0, 0xD0, 0xE0, 0xF0, 0x280, 0x2F0, 0x300, 0x310, 0x320, 0x330, 0x340, 0x350,
    0x360, 0x370, 0x380, 0x390, 0x3E0, 0x3F0
  };
  private static final int[] PORTS = {
    0x20, 0x21, 0xA0, 0xA1, 0x40, 0x41, 0x42, 0x43, 0x61, 0x70, 0x71, 0x80, 0xFF
  };
  private static final int[] SELECTORS = {
    0,
    Layout.CODE_64,
    Layout.CODE_32,
    Layout.DATA_32,
    Layout.CODE_16,
    Layout.DATA_16,
    Layout.USER_CODE_64,
    Layout.USER_CODE_32,
    Layout.USER_DATA,
    Layout.TASK,
    Layout.LOCAL_TABLE
  };

  static {
    for (Mode mode : Mode.values()) {
      POOLS.put(mode, new CodePool(mode));
    }
  }

  private final MemorySegment ram;
  private final Chance chance;
  private int at;

  RandomCode(MemorySegment ram, Chance chance) {
    this.ram = ram;
    this.chance = chance;
  }

  /// Fills from `from` on with about `count` instructions.
  void fill(int from, int count, Mode mode) {
    at = from;
    CodePool pool = POOLS.getOrDefault(mode, POOLS.values().iterator().next());
    int system = (int) chance.of(0, 1, 3, 10);
    for (int i = 0; i < count && at < Layout.CODE + Layout.CODE_BYTES; i++) {
      if (chance.below(16) < system) {
        sequence();
      } else if (chance.oneIn(50)) {
        put(8, chance.bits());
      } else {
        for (byte next : pool.pick(chance)) {
          put(1, next);
        }
      }
    }
  }

  private void put(int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      ram.set(ValueLayout.JAVA_BYTE, at++, (byte) (value >> 8 * i));
    }
  }

  private void put(int... bytes) {
    for (int next : bytes) {
      put(1, next);
    }
  }

  private int pick(int[] choices) {
    return choices[chance.below(choices.length)];
  }

  /// Loads EAX, ECX or EDX; with a 16-bit operand size half of it is an instruction by itself.
  private void load(int register, long value) {
    put(0xB8 + register);
    put(4, value);
  }

  private void sequence() {
    switch (chance.below(18)) {
      case 0, 1 -> writeMsr();
      case 2 -> control();
      case 3 -> table();
      case 4 -> apic();
      case 5 -> ioApic();
      case 6, 7 -> port();
      case 8 -> put(0xCD, chance.below(256));
      case 9 -> interruptReturn();
      case 10 -> far();
      case 11 -> selfModify();
      case 12 -> put(0xFB, 0xF4); // STI, HLT
      case 13 -> repeated();
      case 14 -> segment();
      case 15 -> timer();
      case 16 -> debug();
      default -> put(0x0F, 0x01, 0x38 | chance.below(8)); // INVLPG
    }
  }

  private void writeMsr() {
    load(1, chance.oneIn(4) ? chance.number() : pick(MSRS));
    load(0, chance.oneIn(2) ? chance.address() : chance.number());
    load(2, chance.oneIn(2) ? 0 : chance.number());
    put(0x0F, chance.oneIn(3) ? 0x32 : 0x30);
  }

  private void control() {
    int register = (int) chance.of(0, 2, 3, 4, 8);
    long value =
        switch (register) {
          case 0 -> chance.of(0x8005_0033L, 0x33, 0x11, 0xE005_003FL, 0x8000_0011L) ^ flips();
          case 3 -> chance.of(Layout.LEVEL_4, Layout.POINTERS, Layout.DIRECTORY, chance.address());
          case 4 -> chance.of(0x620, 0x600, 0x610, 0x6F0, 0x30) ^ flips();
          default -> chance.number();
        };
    load(0, value);
    if (register == 8) {
      put(0x44);
    }
    put(0x0F, 0x22, 0xC0 | (register & 7) << 3);
  }

  private long flips() {
    return chance.oneIn(2) ? 0 : 1L << chance.below(32);
  }

  private void debug() {
    int register = chance.below(8);
    load(0, register == 7 ? chance.bits() & 0xFFFF_27FF : chance.address());
    put(0x0F, 0x23, 0xC0 | register << 3);
  }

  /// LGDT or LIDT of what lies somewhere.
  private void table() {
    put(0x0F, 0x01, (int) chance.of(0x15, 0x1D, 0x10, 0x18));
    put(4, chance.address());
  }

  private void apic() {
    put(0xC7, 0x04, 0x25);
    put(4, Layout.LOCAL_APIC + pick(APIC));
    put(4, chance.oneIn(2) ? chance.below(0x800) | (long) chance.below(4) << 17 : chance.bits());
  }

  private void ioApic() {
    put(0xC7, 0x04, 0x25);
    put(4, Layout.IO_APIC);
    put(4, 0x10 + chance.below(48));
    put(0xC7, 0x04, 0x25);
    put(4, Layout.IO_APIC + 0x10);
    put(4, chance.bits());
  }

  private void port() {
    load(0, chance.bits());
    put((int) chance.of(0xE4, 0xE5, 0xE6, 0xE7), pick(PORTS));
  }

  private void interruptReturn() {
    long[] frame = {
      Layout.CODE + chance.below(Layout.CODE_BYTES),
      pick(SELECTORS),
      2 | (chance.oneIn(2) ? chance.bits() & 0x3F_7FD5 : 0x200),
      Layout.STACK,
      pick(SELECTORS)
    };
    for (int i = frame.length - 1; i >= 0; i--) {
      put(0x68);
      put(4, frame[i]);
    }
    if (chance.oneIn(2)) {
      put(0x48);
    }
    put(chance.oneIn(4) ? 0xCB : 0xCF);
  }

  private void far() {
    boolean isDirect = chance.oneIn(2);
    put(isDirect ? (int) chance.of(0xEA, 0x9A) : 0x68);
    put(4, Layout.CODE + chance.below(Layout.CODE_BYTES));
    if (isDirect) {
      put(2, pick(SELECTORS));
    } else {
      put(0xFF, (int) chance.of(0x2C, 0x1C), 0x24); // through the stack
    }
  }

  /// Into what comes next, or what was.
  private void selfModify() {
    put(0xC7, 0x05);
    put(4, chance.below(256) - 64L);
    put(4, chance.oneIn(3) ? 0x9090_9090L : chance.bits());
  }

  private void repeated() {
    load(1, chance.oneIn(4) ? -1 : chance.below(0x10000));
    load(7, chance.address());
    load(6, chance.address());
    if (chance.oneIn(3)) {
      put(0x48, 0xC7, 0xC1);
      put(4, -1); // MOV RCX, -1
    }
    put((int) chance.of(0xF3, 0xF2));
    if (chance.oneIn(4)) {
      put(0x48);
    }
    put((int) chance.of(0xA4, 0xA5, 0xAA, 0xAB, 0xAC, 0xA6, 0xA7, 0xAE, 0x6C, 0x6D, 0x6E, 0x6F));
  }

  private void segment() {
    load(0, chance.oneIn(4) ? chance.below(0x10000) : pick(SELECTORS));
    if (chance.oneIn(3)) {
      put(0x0F, 0x00, 0xD0 | chance.below(2) << 3); // LLDT, LTR
    } else {
      put(0x8E, 0xC0 | chance.below(6) << 3);
    }
  }

  /// The PIT, or the local APIC's timer, soon.
  private void timer() {
    if (chance.oneIn(2)) {
      load(0, chance.oneIn(2) ? 0x34 : chance.bits());
      put(0xE6, 0x43, 0xE6, 0x40, 0xE6, 0x40);
    } else {
      put(0xC7, 0x04, 0x25);
      put(4, Layout.LOCAL_APIC + 0x320);
      put(4, chance.below(256) | (long) chance.below(4) << 17);
      put(0xC7, 0x04, 0x25);
      put(4, Layout.LOCAL_APIC + 0x380);
      put(4, chance.number());
    }
  }
}
