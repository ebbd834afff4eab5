package dev.javisor.x86.chip;

/// What an interrupt message asks for: bits 8..10 of the ICR, of LVT and redirection entries and of
/// an MSI's data, in the order of their codes (SDM 3A, 11.6.1).
public enum Delivery {
  FIXED,
  LOWEST_PRIORITY,
  SMI,
  RESERVED,
  NMI,
  INIT,
  STARTUP,
  EXTINT;

  private static final Delivery[] CODES = values();

  static Delivery of(int register) {
    return CODES[register >>> 8 & 7];
  }
}
