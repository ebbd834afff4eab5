package dev.javisor.x86.chip;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Between local APICs, I/O APIC and devices' messages (SDM 3A, 11.6.2): finds whom a message is
/// for. Any thread.
public final class ApicBus {
  private static final long MSI_BASE = 0xFEE0_0000L;
  private static final long MSI_BASE_BITS = ~0xF_FFFFL;
  private static final int MSI_DESTINATION_SHIFT = 12;
  private static final int MSI_REDIRECTION_HINT = 1 << 3;
  private static final int MSI_LOGICAL = 1 << 2;
  private static final int MSI_LEVEL = 1 << 15;

  private volatile ApicInbox[] apics = {};
  private volatile IntConsumer endOfInterrupt = _ -> {};

  synchronized void join(ApicInbox apic) {
    ApicInbox[] joined = Arrays.copyOf(apics, apics.length + 1);
    joined[apics.length] = apic;
    apics = joined;
  }

  synchronized void leave(ApicInbox apic) {
    apics = Arrays.stream(apics).filter(other -> other != apic).toArray(ApicInbox[]::new);
  }

  /// @param ioApic told which level-triggered vector is served
  void onEndOfInterrupt(IntConsumer ioApic) {
    endOfInterrupt = ioApic;
  }

  void broadcastEndOfInterrupt(int vector) {
    endOfInterrupt.accept(vector);
  }

  /// Brings `message` to everyone it is for. False if nobody took it.
  public boolean deliver(InterruptMessage message) {
    return message.delivery() == Delivery.LOWEST_PRIORITY
        ? deliverToOne(message)
        : deliverToAll(message, null);
  }

  private boolean deliverToAll(InterruptMessage message, @Nullable ApicInbox except) {
    boolean taken = false;
    for (ApicInbox apic : apics) {
      if (apic != except && apic.matches(message)) {
        taken |= accept(apic, message);
      }
    }
    return taken;
  }

  private static boolean accept(ApicInbox apic, InterruptMessage message) {
    return apic.accept(message.delivery(), message.vector(), message.level());
  }

  /// Arbitrates by the vector, as newer chipsets and KVM with `vector_hashing` do: the same vector
  /// goes to the same processor.
  private boolean deliverToOne(InterruptMessage message) {
    ApicInbox[] able =
        Arrays.stream(apics)
            .filter(apic -> apic.matches(message) && apic.takesVectors())
            .toArray(ApicInbox[]::new);
    return able.length > 0 && accept(able[message.vector() % able.length], message);
  }

  /// An inter-processor interrupt.
  void send(ApicInbox sender, InterruptCommand command) {
    InterruptMessage message = command.message();
    switch (command.shorthand()) {
      case NONE -> deliver(message);
      case SELF -> accept(sender, message);
      case ALL -> deliverToAll(message.toAll(), null);
      case ALL_BUT_SELF -> deliverToAll(message.toAll(), sender);
    }
  }

  /// A device's store of `data` to `address` (SDM 3A, 11.11). False if nobody took it, or it is no
  /// interrupt message.
  public boolean msi(long address, int data) {
    if ((address & MSI_BASE_BITS) != MSI_BASE) {
      return false;
    }
    boolean logical = (address & MSI_LOGICAL) != 0;
    boolean toOne = logical && (address & MSI_REDIRECTION_HINT) != 0;
    Delivery delivery = Delivery.of(data);
    int destination = (int) (address >>> MSI_DESTINATION_SHIFT) & 0xFF;
    return deliver(
        new InterruptMessage(
            toOne && delivery == Delivery.FIXED ? Delivery.LOWEST_PRIORITY : delivery,
            data & InterruptMessage.VECTOR,
            (data & MSI_LEVEL) != 0,
            logical,
            InterruptMessage.destinationOf8Bits(destination)));
  }
}
