package dev.javisor.x86.oracle;

/// What does not count of a case.
///
/// @param flags bits of RFLAGS
/// @param registers general registers, a bit each
/// @param upperHalves those of which the upper 32 bits do not count
/// @param memory whether memory does not
record Exempt(int flags, int registers, int upperHalves, boolean memory) {
  static final Exempt NOTHING = new Exempt(0, 0, 0, false);

  /// The same but for flags.
  Exempt withFlags(int mask) {
    return mask == flags ? this : new Exempt(mask, registers, upperHalves, memory);
  }
}
