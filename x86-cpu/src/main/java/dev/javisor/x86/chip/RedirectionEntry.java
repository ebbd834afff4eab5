package dev.javisor.x86.chip;

/// One pin's row of the I/O APIC (82093AA, 3.2.4).
final class RedirectionEntry {
  private static final int LOGICAL = 1 << 11;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int LEVEL = 1 << 15;
  private static final int MASKED = 1 << 16;

  /// Polarity (bit 13) is kept and means nothing: wires say what they mean, as in KVM.
  private static final int LOW_WRITABLE = 0x1AFFF;

  private static final int HIGH_WRITABLE = 0xFF00_0000;

  private int low = MASKED;
  private int high;

  int low() {
    return low;
  }

  int high() {
    return high;
  }

  /// Remote IRR is read-only, and gone when the pin becomes an edge-triggered one: so Linux ends an
  /// interrupt without an EOI register (`__eoi_ioapic_pin`), and KVM lets it.
  void low(int value) {
    int kept = (value & LEVEL) != 0 ? low & REMOTE_IRR : 0;
    low = (value & LOW_WRITABLE) | kept;
  }

  void high(int value) {
    high = value & HIGH_WRITABLE;
  }

  void restore(int savedLow, int savedHigh) {
    low = savedLow & (LOW_WRITABLE | REMOTE_IRR);
    high = savedHigh & HIGH_WRITABLE;
  }

  boolean isLevel() {
    return (low & LEVEL) != 0;
  }

  /// Neither masked nor waiting for the end of the interrupt before.
  boolean isOpen() {
    return (low & MASKED) == 0 && !(isLevel() && (low & REMOTE_IRR) != 0);
  }

  int vector() {
    return low & InterruptMessage.VECTOR;
  }

  InterruptMessage message() {
    return new InterruptMessage(
        Delivery.of(low),
        vector(),
        isLevel(),
        (low & LOGICAL) != 0,
        InterruptMessage.destinationOf8Bits(high >>> 24));
  }

  /// The message was taken: a level-triggered pin waits for its end.
  void taken() {
    if (isLevel()) {
      low |= REMOTE_IRR;
    }
  }

  void ended() {
    low &= ~REMOTE_IRR;
  }
}
