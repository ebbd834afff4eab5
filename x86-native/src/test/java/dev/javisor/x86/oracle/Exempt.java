package dev.javisor.x86.oracle;

/// What does not count of a case.
///
/// @param flags bits of RFLAGS
/// @param registers general registers, a bit each
/// @param upperHalves those of which the upper 32 bits do not count
/// @param what of the rest, by the constants below
record Exempt(int flags, int registers, int upperHalves, int what) {
  /// All of memory.
  static final int MEMORY = 1;

  /// Where in its page CR2 points.
  static final int PLACE_IN_PAGE = 2;

  /// The x87's registers and words.
  static final int X87 = 4;

  /// Which of its operands' faults of memory it is.
  static final int WHICH_FAULT = 8;

  /// Whether a fault of memory comes before what the instruction finds out itself.
  static final int MEMORY_FIRST = 16;

  static final Exempt NOTHING = new Exempt(0, 0, 0, 0);

  /// The same but for flags.
  Exempt withFlags(int mask) {
    return mask == flags ? this : new Exempt(mask, registers, upperHalves, what);
  }

  boolean is(int bit) {
    return (what & bit) != 0;
  }
}
