package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.ApicRegisters.MASKED;
import static dev.javisor.x86.chip.ApicRegisters.SVR_ENABLED;

/// What reading and writing each register does, the same by page and by MSR (SDM 3A, 11.4 to 11.8).
/// Values written have no other bits than [ApicRegisters#writableBits]. The vCPU's thread.
final class ApicProgramming {
  private final LocalApic apic;
  private final ApicInbox inbox;
  private final ApicRegisters registers;
  private final ApicTimer timer;
  private final ApicBus bus;

  ApicProgramming(
      LocalApic apic, ApicInbox inbox, ApicRegisters registers, ApicTimer timer, ApicBus bus) {
    this.apic = apic;
    this.inbox = inbox;
    this.registers = registers;
    this.timer = timer;
    this.bus = bus;
  }

  int read(int register) {
    return switch (register) {
      case ApicRegisters.PPR -> registers.processorPriority();
      case ApicRegisters.INITIAL_COUNT -> timer.initialCount();
      case ApicRegisters.CURRENT_COUNT -> timer.currentCount();
      case ApicRegisters.DIVIDE -> timer.divide();
      default -> registers.get(register);
    };
  }

  void write(int register, int value) {
    switch (register) {
      case ApicRegisters.EOI -> apic.endOfInterrupt();
      case ApicRegisters.ESR -> registers.set(ApicRegisters.ESR, inbox.takeErrors());
      case ApicRegisters.DFR ->
          registers.set(ApicRegisters.DFR, value | ApicRegisters.DFR_OTHER_BITS);
      case ApicRegisters.SVR -> writeSpurious(value);
      case ApicRegisters.ICR_LOW -> command(value, xapicDestination());
      case ApicRegisters.INITIAL_COUNT -> timer.initialCount(value);
      case ApicRegisters.DIVIDE -> timer.divide(value);
      case ApicRegisters.SELF_IPI -> selfInterrupt(value);
      default -> {
        if (ApicRegisters.isLvt(register)) {
          writeLvt(register, value);
        } else {
          registers.set(register, value);
        }
      }
    }
    inbox.attention(true); // more may be deliverable now
  }

  private void writeSpurious(int value) {
    registers.set(ApicRegisters.SVR, value);
    if ((value & SVR_ENABLED) == 0) {
      registers.maskAll();
    }
  }

  private void writeLvt(int register, int value) {
    boolean enabled = (registers.get(ApicRegisters.SVR) & SVR_ENABLED) != 0;
    registers.set(register, enabled ? value : value | MASKED);
    if (register == ApicRegisters.LVT_TIMER) {
      timer.lvt(value);
    }
  }

  private int xapicDestination() {
    return InterruptMessage.destinationOf8Bits(registers.get(ApicRegisters.ICR_HIGH) >>> 24);
  }

  long interruptCommand() {
    return (long) registers.get(ApicRegisters.ICR_HIGH) << 32
        | Integer.toUnsignedLong(registers.get(ApicRegisters.ICR_LOW));
  }

  /// The register of 64 bits in x2APIC mode (SDM 3A, 11.12.9).
  void interruptCommand(int low, int destination) {
    registers.set(ApicRegisters.ICR_HIGH, destination);
    command(low, destination);
    inbox.attention(true);
  }

  private void command(int low, int destination) {
    registers.set(ApicRegisters.ICR_LOW, low);
    InterruptCommand command = InterruptCommand.of(low, destination);
    if (command.hasIllegalVector()) {
      inbox.error(ApicInbox.SEND_ILLEGAL_VECTOR);
    } else if (command.isValid()) {
      bus.send(inbox, command);
    }
  }

  private void selfInterrupt(int vector) {
    command(InterruptCommand.SELF_FIXED | vector, 0);
  }

  void illegalRegister() {
    inbox.error(ApicInbox.ILLEGAL_REGISTER);
  }

  byte[] save() {
    byte[] page = new byte[ApicRegisters.BYTES];
    registers.writeTo(page);
    for (int register :
        new int[] {
          ApicRegisters.PPR,
          ApicRegisters.INITIAL_COUNT,
          ApicRegisters.CURRENT_COUNT,
          ApicRegisters.DIVIDE
        }) {
      ApicRegisters.put(page, register, read(register));
    }
    if (apic.mode() == ApicMode.X2APIC) {
      // As KVM has it without KVM_CAP_X2APIC_API (api.rst, KVM_GET_LAPIC)
      ApicRegisters.put(page, ApicRegisters.ID, registers.get(ApicRegisters.ID) << 24);
    }
    return page;
  }

  void load(byte[] page) {
    int logicalId = registers.get(ApicRegisters.LDR);
    registers.readFrom(page);
    if (apic.mode() == ApicMode.X2APIC) {
      registers.set(ApicRegisters.LDR, logicalId);
      registers.set(ApicRegisters.ICR_HIGH, ApicRegisters.word(page, ApicRegisters.ICR_HIGH));
    }
    timer.restore(
        registers.get(ApicRegisters.LVT_TIMER),
        registers.get(ApicRegisters.DIVIDE),
        registers.get(ApicRegisters.INITIAL_COUNT),
        ApicRegisters.word(page, ApicRegisters.CURRENT_COUNT));
  }
}
