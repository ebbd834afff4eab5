package dev.javisor.x86.engine;

import dev.javisor.x86.chip.LocalApic;
import dev.javisor.x86.mmu.PhysicalMemory;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// KVM's end of interrupt without an exit (Linux, Documentation/virt/kvm/x86/msr.rst,
/// MSR_KVM_PV_EOI_EN): where the guest wants it, bit 0 of a word in RAM says that nobody waits for
/// the end of the interrupt in service. Then the guest clears the bit instead of telling the local
/// APIC, and the bit is looked at here before the APIC is. One vCPU's.
final class ParavirtualEoi {
  static final int ENABLE = 0x4B56_4D04;
  private static final int ENABLED = 1;
  private static final int RESERVED = 2;

  private final PhysicalMemory memory;
  private final LocalApic apic;
  private long register;
  private boolean isOffered;

  ParavirtualEoi(PhysicalMemory memory, LocalApic apic) {
    this.memory = memory;
    this.apic = apic;
  }

  /// The MSR.
  long register() {
    return register;
  }

  /// False is `#GP`.
  boolean register(long value) {
    if ((value & RESERVED) != 0) {
      return false;
    }
    withdraw();
    register = value;
    return true;
  }

  /// Becomes a saved one, behind RAM and the local APIC: a bit that is set was offered.
  void restore(long saved) {
    register = saved;
    isOffered = isUsable() && apic.mayEndUnseen() && get();
  }

  void reset() {
    register = 0;
    isOffered = false;
  }

  private boolean isUsable() {
    return (register & ENABLED) != 0 && memory.isRam(gpa());
  }

  private long gpa() {
    return register & ~3L;
  }

  /// An interrupt has been delivered.
  void offer() {
    if (isUsable() && apic.mayEndUnseen()) {
      put(true);
      isOffered = true;
    }
  }

  /// Tells the local APIC if the guest has ended the interrupt.
  void collect() {
    if (isOffered && !get()) {
      isOffered = false;
      apic.endOfInterrupt();
    }
  }

  /// The same; if the guest has not, it has to tell the local APIC itself.
  void withdraw() {
    collect();
    if (isOffered) {
      isOffered = false;
      put(false);
    }
  }

  private boolean get() {
    byte flags = memory.ram().get(ValueLayout.JAVA_BYTE, gpa());
    VarHandle.acquireFence();
    return (flags & 1) != 0;
  }

  /// The guest clears the bit on this processor only, and no instruction of it runs now.
  private void put(boolean on) {
    byte flags = memory.ram().get(ValueLayout.JAVA_BYTE, gpa());
    memory.ram().set(ValueLayout.JAVA_BYTE, gpa(), (byte) (on ? flags | 1 : flags & ~1));
    memory.written(gpa(), 1);
  }
}
