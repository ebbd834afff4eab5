package dev.javisor.x86.chip;

/// One message on the way to local APICs (SDM 3A, 11.6.2).
///
/// @param vector 0..255; for [Delivery#STARTUP] the page at which to start
/// @param level level-triggered, to be acknowledged to the I/O APIC
/// @param logical whether `destination` is matched with LDRs rather than APIC ids
/// @param destination an APIC id, a logical set, or [#BROADCAST]
public record InterruptMessage(
    Delivery delivery, int vector, boolean level, boolean logical, int destination) {
  /// Everyone, in both destination modes; what 0xFF is in 8-bit destinations.
  public static final int BROADCAST = -1;

  static final int VECTOR = 0xFF;
  private static final int BROADCAST_8_BIT = 0xFF;

  static int destinationOf8Bits(int destination) {
    return destination == BROADCAST_8_BIT ? BROADCAST : destination;
  }

  InterruptMessage toAll() {
    return new InterruptMessage(delivery, vector, level, false, BROADCAST);
  }
}
