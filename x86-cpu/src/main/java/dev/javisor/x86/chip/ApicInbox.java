package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.ApicRegisters.IRR;
import static dev.javisor.x86.chip.ApicRegisters.LVT_ERROR;
import static dev.javisor.x86.chip.ApicRegisters.LVT_LINT0;
import static dev.javisor.x86.chip.ApicRegisters.LVT_LINT1;
import static dev.javisor.x86.chip.ApicRegisters.MASKED;
import static dev.javisor.x86.chip.ApicRegisters.SVR;
import static dev.javisor.x86.chip.ApicRegisters.SVR_ENABLED;
import static dev.javisor.x86.chip.ApicRegisters.TMR;

import java.util.concurrent.atomic.AtomicInteger;

/// The side of a local APIC that faces everyone else: messages, pins, its own timer and errors come
/// in here, and the vCPU is woken. Any thread; no lock, since senders may hold theirs.
final class ApicInbox {
  static final int SEND_ILLEGAL_VECTOR = 1 << 5;
  static final int RECEIVE_ILLEGAL_VECTOR = 1 << 6;
  static final int ILLEGAL_REGISTER = 1 << 7;

  private static final int FIRST_VECTOR = 16;

  private final int id;
  private final ApicBase base;
  private final ApicRegisters registers;
  private final Runnable wake;
  private final PendingEvents events = new PendingEvents();
  private final AtomicInteger errors = new AtomicInteger();
  private volatile boolean attention;
  private volatile boolean lint0High;
  private volatile boolean lint1High;

  ApicInbox(int id, ApicBase base, ApicRegisters registers, Runnable wake) {
    this.id = id;
    this.base = base;
    this.registers = registers;
    this.wake = wake;
  }

  PendingEvents events() {
    return events;
  }

  /// Whether there may be something to take. Set after what there is, cleared before the look.
  boolean attention() {
    return attention;
  }

  void attention(boolean now) {
    attention = now;
  }

  /// For what another thread brought.
  void notice() {
    attention = true;
    wake.run();
  }

  /// Whether `message` is for this one (SDM 3A, 11.6.2).
  boolean matches(InterruptMessage message) {
    ApicMode mode = base.mode();
    int destination = message.destination();
    if (mode == ApicMode.DISABLED) {
      return false;
    }
    if (destination == InterruptMessage.BROADCAST) {
      return true;
    }
    return message.logical()
        ? LogicalDestination.matches(registers, mode, destination)
        : destination == id;
  }

  /// Whether it is enabled by software too: NMI, INIT and STARTUP come even if not.
  boolean takesVectors() {
    return base.mode() != ApicMode.DISABLED && (registers.get(SVR) & SVR_ENABLED) != 0;
  }

  /// False if it cannot take that.
  boolean accept(Delivery delivery, int vector, boolean level) {
    switch (delivery) {
      case FIXED, LOWEST_PRIORITY -> {
        return acceptVector(vector, level);
      }
      case NMI -> events.post(PendingEvents.NMI);
      case INIT -> events.postInit();
      case STARTUP -> events.postStartup(vector);
      case EXTINT -> events.post(PendingEvents.EXTINT);
      case SMI, RESERVED -> {
        return false; // there is no system management mode
      }
    }
    notice();
    return true;
  }

  private boolean acceptVector(int vector, boolean level) {
    if (!takesVectors()) {
      return false;
    }
    if (vector < FIRST_VECTOR) {
      error(RECEIVE_ILLEGAL_VECTOR);
      return false;
    }
    triggerMode(vector, level); // before the request, which the vCPU may take at once
    if (registers.add(IRR, vector)) {
      notice();
    }
    return true;
  }

  private void triggerMode(int vector, boolean level) {
    if (level) {
      registers.add(TMR, vector);
    } else if (registers.contains(TMR, vector)) {
      registers.remove(TMR, vector);
    }
  }

  /// Does what the LVT entry at `register` asks for, if it is not masked.
  void raiseLocal(int register) {
    int entry = registers.get(register);
    if ((entry & MASKED) != 0) {
      return;
    }
    Delivery delivery = Delivery.of(entry);
    switch (delivery) {
      case FIXED, NMI, INIT -> accept(delivery, entry & InterruptMessage.VECTOR, false);
      default -> {} // an 8259A is asked as long as its wire is up, not once
    }
  }

  /// Remembers an error for the ESR; the first of its kind interrupts (SDM 3A, 11.5.3).
  void error(int bit) {
    if ((errors.getAndUpdate(seen -> seen | bit) & bit) == 0) {
      raiseLocal(LVT_ERROR);
    }
  }

  int takeErrors() {
    return errors.getAndSet(0);
  }

  void lint0(boolean high) {
    boolean rises = high && !lint0High;
    lint0High = high;
    if (rises) {
      raiseLocal(LVT_LINT0);
      notice();
    }
  }

  void lint1(boolean high) {
    boolean rises = high && !lint1High;
    lint1High = high;
    if (rises) {
      raiseLocal(LVT_LINT1);
    }
  }

  /// Whether the 8259A wants to be acknowledged.
  boolean externalPending() {
    return (lint0High && takesExternal()) || events.has(PendingEvents.EXTINT);
  }

  /// Without an APIC the pin is the processor's INTR (SDM 3A, 11.4.3). Disabling it by
  /// software does not matter here: virtual wire mode works before anyone enables it, as in KVM.
  private boolean takesExternal() {
    int lint0 = registers.get(LVT_LINT0);
    return base.mode() == ApicMode.DISABLED
        || ((lint0 & MASKED) == 0 && Delivery.of(lint0) == Delivery.EXTINT);
  }
}
