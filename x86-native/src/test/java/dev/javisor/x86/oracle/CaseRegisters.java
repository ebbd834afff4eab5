package dev.javisor.x86.oracle;

/// General registers in the making. One that an address stands on is pinned: its value is no longer
/// free.
final class CaseRegisters {
  static final int RAX = 0;
  static final int RCX = 1;
  static final int RDX = 2;
  static final int RBX = 3;
  static final int RSP = 4;
  static final int RBP = 5;
  static final int RSI = 6;
  static final int RDI = 7;

  private final long[] values = new long[16];
  private int pinned;

  void reset() {
    pinned = 0;
  }

  long get(int register) {
    return values[register];
  }

  boolean isPinned(int register) {
    return (pinned >> register & 1) != 0;
  }

  void pin(int register, long value) {
    values[register] = value;
    pinned |= 1 << register;
  }

  /// Unless it is pinned.
  void set(int register, long value) {
    if (!isPinned(register)) {
      values[register] = value;
    }
  }

  /// Its low bytes, leaving the others; or the second byte.
  void setLow(int register, int bytes, long value) {
    long mask = bytes == Long.BYTES ? -1L : (1L << (8 * bytes)) - 1;
    set(register, (values[register] & ~mask) | (value & mask));
  }

  void setHighByte(int register, long value) {
    set(register, (values[register] & ~0xFF00L) | (value & 0xFF) << 8);
  }
}
