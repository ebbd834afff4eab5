package dev.javisor.x86.fuzz;

/// Where a random guest's RAM has what, so that some of what it does makes sense.
final class Layout {
  static final int RAM_BYTES = 0x40000;
  static final int GDT = 0x1000;
  static final int GDT_ENTRIES = 64;
  static final int LDT = 0x1800;
  static final int TSS = 0x1C00;
  static final int IDT = 0x2000;

  /// Tables of 4 levels; those of PAE use its last three, from the pointers on.
  static final int LEVEL_4 = 0x4000;

  static final int POINTERS = 0x5000;
  static final int LEVEL_2 = 0x6000;
  static final int LEVEL_1 = 0x7000;

  /// Tables of 2 levels.
  static final int DIRECTORY = 0x8000;

  static final int TABLE = 0x9000;
  static final int STACK = 0xF000;
  static final int CODE = 0x10000;
  static final int CODE_BYTES = 0x4000;
  static final int DATA = 0x20000;

  /// Where there is no RAM and no chip.
  static final long NOWHERE = 0xD000_0000L;

  /// A store here is a doorbell.
  static final long DOORBELL = NOWHERE + 0x100;

  static final long ROM = 0xC000_0000L;
  static final long LOCAL_APIC = 0xFEE0_0000L;
  static final long IO_APIC = 0xFEC0_0000L;

  // selectors whose descriptors are what they are called, if nothing has spoilt them
  static final int CODE_64 = 0x08;
  static final int CODE_32 = 0x10;
  static final int DATA_32 = 0x18;
  static final int CODE_16 = 0x20;
  static final int DATA_16 = 0x28;
  static final int USER_CODE_64 = 0x33;
  static final int USER_CODE_32 = 0x3B;
  static final int USER_DATA = 0x43;
  static final int TASK = 0x50;
  static final int LOCAL_TABLE = 0x60;

  private Layout() {}
}
