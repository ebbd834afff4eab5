package dev.javisor.x86.chip;

/// A write to the interrupt command register (SDM 3A, 11.6.1).
record InterruptCommand(Shorthand shorthand, InterruptMessage message, boolean deassert) {
  /// Bits 18 and 19, in the order of their codes.
  enum Shorthand {
    NONE,
    SELF,
    ALL,
    ALL_BUT_SELF;

    private static final Shorthand[] CODES = values();
  }

  private static final int LOGICAL = 1 << 11;
  private static final int ASSERT = 1 << 14;
  private static final int LEVEL = 1 << 15;
  private static final int SHORTHAND_SHIFT = 18;

  /// But for the vector.
  static final int SELF_FIXED = 1 << SHORTHAND_SHIFT;

  private static final int FIRST_VECTOR = 16;

  /// @param destination of 32 bits, 8-bit ones widened
  static InterruptCommand of(int low, int destination) {
    boolean level = (low & LEVEL) != 0;
    boolean logical = (low & LOGICAL) != 0;
    return new InterruptCommand(
        Shorthand.CODES[low >>> SHORTHAND_SHIFT & 3],
        // an IPI that asks for a vector is always edge-triggered on today's processors
        new InterruptMessage(
            Delivery.of(low), low & InterruptMessage.VECTOR, false, logical, destination),
        level && (low & ASSERT) == 0);
  }

  /// Whether its vector is one that no interrupt may have (SDM 3A, 11.5.2).
  boolean hasIllegalVector() {
    return message.vector() < FIRST_VECTOR
        && (message.delivery() == Delivery.FIXED || message.delivery() == Delivery.LOWEST_PRIORITY);
  }

  /// The combinations that do something (SDM 3A, table 11-3); INIT level de-assert does nothing.
  boolean isValid() {
    return switch (message.delivery()) {
      case FIXED -> true;
      case LOWEST_PRIORITY -> shorthand == Shorthand.NONE;
      case NMI -> !includesSelf();
      case INIT -> !includesSelf() && !deassert;
      case STARTUP -> !includesSelf();
      case SMI, RESERVED, EXTINT -> false;
    };
  }

  private boolean includesSelf() {
    return shorthand == Shorthand.SELF || shorthand == Shorthand.ALL;
  }
}
