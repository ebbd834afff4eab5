package dev.javisor.testkit.asm;

/// The general registers of long mode, in the order of their numbers.
public enum Register {
  RAX,
  RCX,
  RDX,
  RBX,
  RSP,
  RBP,
  RSI,
  RDI,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15;

  /// What fits into a ModRM field.
  int low() {
    return ordinal() & 7;
  }

  /// What goes into a REX prefix.
  int high() {
    return ordinal() >> 3;
  }
}
