package dev.javisor.x86.fuzz;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Descriptor tables and page tables that are as they should be, but for what is spoilt.
final class RandomTables {
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long PRESENT_ALL = 7;
  private static final int LARGE = 1 << 7;
  private static final long[] SPOILT_TARGETS = {
    Layout.NOWHERE,
    Layout.ROM,
    Layout.LOCAL_APIC,
    Layout.IO_APIC,
    Layout.LEVEL_4,
    Layout.LEVEL_1,
    Layout.DIRECTORY,
    Layout.IDT,
    Layout.CODE,
    Layout.RAM_BYTES
  };

  private final MemorySegment ram;
  private final Chance chance;

  RandomTables(MemorySegment ram, Chance chance) {
    this.ram = ram;
    this.chance = chance;
  }

  void fill(boolean isLong) {
    descriptors();
    if (isLong) {
      longGates();
    } else {
      gates();
    }
    task();
    pages();
    spoil();
  }

  // ---------------------------------------------------------------- descriptors

  private void descriptors() {
    descriptor(Layout.CODE_64, 0x00AF_9B00_0000_FFFFL);
    descriptor(Layout.CODE_32, 0x00CF_9B00_0000_FFFFL);
    descriptor(Layout.DATA_32, 0x00CF_9300_0000_FFFFL);
    descriptor(Layout.CODE_16, 0x000F_9B00_0000_FFFFL);
    descriptor(Layout.DATA_16, 0x000F_9300_0000_FFFFL);
    descriptor(Layout.USER_CODE_64, 0x00AF_FB00_0000_FFFFL);
    descriptor(Layout.USER_CODE_32, 0x00CF_FB00_0000_FFFFL);
    descriptor(Layout.USER_DATA, 0x00CF_F300_0000_FFFFL);
    descriptor(Layout.TASK, 0x0000_8900_0000_0067L | (long) Layout.TSS << 16);
    descriptor(Layout.LOCAL_TABLE, 0x0000_8200_0000_00FFL | (long) Layout.LDT << 16);
    for (int i = 0x70; i < Layout.GDT_ENTRIES * 8; i += 8) {
      descriptor(i, chance.bits());
    }
    for (int i = 0; i < 0x100; i += 8) {
      ram.set(U64, Layout.LDT + i, chance.bits());
    }
  }

  private void descriptor(int selector, long raw) {
    ram.set(U64, Layout.GDT + (selector & -8), raw);
  }

  private long handler() {
    return Layout.CODE + chance.below(Layout.CODE_BYTES);
  }

  private void longGates() {
    for (int vector = 0; vector < 256; vector++) {
      long offset = handler();
      long type = chance.oneIn(2) ? 0xEE : 0x8F;
      long ist = chance.oneIn(8) ? chance.below(8) : 0;
      long low = offset & 0xFFFF | (long) Layout.CODE_64 << 16 | ist << 32 | type << 40;
      ram.set(U64, Layout.IDT + vector * 16, low | (offset & 0xFFFF_0000L) << 32);
    }
  }

  private void gates() {
    for (int vector = 0; vector < 256; vector++) {
      long offset = handler();
      long type = chance.of(0xEE, 0xEF, 0x8E, 0xE6, 0x87);
      long low = offset & 0xFFFF | (long) Layout.CODE_32 << 16 | type << 40;
      ram.set(U64, Layout.IDT + vector * 8, low | (offset & 0xFFFF_0000L) << 32);
    }
    for (int vector = 0; vector < 256; vector++) {
      ram.set(U32, vector * 4, Layout.CODE >> 4 << 16 | chance.below(Layout.CODE_BYTES));
    }
  }

  private void task() {
    for (int i = 4; i < 0x68; i += 4) {
      ram.set(U32, Layout.TSS + i, i % 8 == 4 ? Layout.STACK - i * 8 : 0);
    }
    ram.set(U32, Layout.TSS + 8, Layout.DATA_32);
    ram.set(U32, Layout.TSS + 0x64, 0x60 << 16);
  }

  // ---------------------------------------------------------------- pages

  private void pages() {
    ram.set(U64, Layout.LEVEL_4, Layout.POINTERS | PRESENT_ALL);
    ram.set(U64, Layout.LEVEL_4 + 511 * 8, Layout.POINTERS | PRESENT_ALL);
    for (int i = 0; i < 4; i++) {
      ram.set(U64, Layout.POINTERS + i * 8, Layout.LEVEL_2 | 1);
    }
    if (chance.oneIn(2)) { // the rights of a level that PAE's pointers do not have
      ram.set(U64, Layout.POINTERS, Layout.LEVEL_2 | PRESENT_ALL);
    }
    ram.set(U64, Layout.LEVEL_2, Layout.LEVEL_1 | PRESENT_ALL);
    for (long i = 1; i < 512; i++) {
      long to = i >= 0x1F0 ? (0x600L + i) << 21 : i << 21;
      ram.set(U64, Layout.LEVEL_2 + i * 8, to | PRESENT_ALL | LARGE);
      ram.set(U64, Layout.LEVEL_1 + i * 8, i << 12 | PRESENT_ALL);
    }
    ram.set(U64, Layout.LEVEL_1, PRESENT_ALL);
    for (int i = 0; i < 1024; i++) {
      ram.set(U32, Layout.TABLE + i * 4, i << 12 | (int) PRESENT_ALL);
      ram.set(U32, Layout.DIRECTORY + i * 4, i << 22 | (int) PRESENT_ALL | LARGE);
    }
    ram.set(U32, Layout.DIRECTORY, Layout.TABLE | (int) PRESENT_ALL);
  }

  /// Makes some entries of all tables something else.
  private void spoil() {
    int count = (int) chance.of(0, 0, 4, 60);
    for (int i = 0; i < count; i++) {
      long at = Layout.GDT + chance.below((Layout.STACK - Layout.GDT) / 8) * 8L;
      long old = ram.get(U64, at);
      ram.set(U64, at, spoilt(old));
    }
    for (int i = 0; i < count; i++) { // of what is used most
      long table = chance.of(Layout.LEVEL_1, Layout.LEVEL_2, Layout.LEVEL_4, Layout.TABLE);
      long at = table + chance.below(64) * 8L;
      ram.set(U64, at, spoilt(ram.get(U64, at)));
    }
  }

  private long spoilt(long old) {
    return switch (chance.below(4)) {
      case 0 -> chance.bits();
      case 1 -> old ^ 1L << chance.below(64);
      case 2 -> old & 0xFFF | chance.of(SPOILT_TARGETS);
      default -> old & ~(long) chance.below(8);
    };
  }
}
