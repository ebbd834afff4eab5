package dev.javisor.x86.chip;

/// What IA32_APIC_BASE makes of a local APIC (SDM 3A, table 11-5).
public enum ApicMode {
  DISABLED,
  XAPIC,
  X2APIC,
  /// x2APIC mode without the APIC: a write that asks for it is `#GP`.
  INVALID;

  static final long ENABLE = 1 << 11;
  static final long EXTENDED = 1 << 10;

  static ApicMode of(long base) {
    boolean extended = (base & EXTENDED) != 0;
    if ((base & ENABLE) != 0) {
      return extended ? X2APIC : XAPIC;
    }
    return extended ? INVALID : DISABLED;
  }

  /// Whether a write may lead from here to `next` (SDM 3A, 11.12.5).
  boolean mayBecome(ApicMode next) {
    return this == next
        || switch (next) {
          case DISABLED -> true;
          case XAPIC -> this == DISABLED;
          case X2APIC -> this == XAPIC;
          case INVALID -> false;
        };
  }
}
