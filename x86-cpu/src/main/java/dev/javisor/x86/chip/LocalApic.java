package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.ApicRegisters.IRR;
import static dev.javisor.x86.chip.ApicRegisters.ISR;
import static dev.javisor.x86.chip.ApicRegisters.LVT_LINT0;
import static dev.javisor.x86.chip.ApicRegisters.LVT_LINT1;
import static dev.javisor.x86.chip.ApicRegisters.LVT_TIMER;
import static dev.javisor.x86.chip.ApicRegisters.TMR;
import static dev.javisor.x86.chip.ApicRegisters.TPR;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.irq.InterruptLine;
import java.util.OptionalLong;
import java.util.function.IntSupplier;

/// The local APIC of one vCPU (SDM 3A, chapter 11). Any thread may [#accept] for it and pull its
/// pins, its timer may expire on the thread that runs [Timers]; everything else is the vCPU
/// thread's.
///
/// The vCPU looks at [#attention] between blocks, one load, and only if that is true further:
/// [#takeInit], [#takeStartup], [#takeNmi], and [#deliverable] where interrupts are open.
public final class LocalApic implements AutoCloseable {
  /// What [#deliverable] says of an interrupt whose vector the 8259A will tell.
  public static final int EXTERNAL = 256;

  private static final int MODE_EXTINT = 0x700;
  private static final int MODE_NMI = 0x400;

  private final int id;
  private final ApicBus bus;
  private final ApicBase base;
  private final ApicRegisters registers = new ApicRegisters();
  private final ApicInbox inbox;
  private final ApicTimer timer;
  private final ApicProgramming programming;
  private final XapicPage page;
  private final X2apicMsrs msrs;
  private IntSupplier external = () -> -1;

  /// Joins `bus`.
  ///
  /// @param id its APIC id; number 0 is the boot processor's
  /// @param physicalAddressBits which bits of its base there are
  /// @param wake called on any thread, perhaps under a chip's lock, when there may be something new
  public LocalApic(
      int id, int physicalAddressBits, ApicBus bus, Timers timers, TscClock tsc, Runnable wake) {
    this.id = id;
    this.bus = bus;
    base = new ApicBase(id == 0, physicalAddressBits);
    inbox = new ApicInbox(id, base, registers, wake);
    timer = new ApicTimer("lapic" + id, timers, tsc, () -> inbox.raiseLocal(LVT_TIMER));
    programming = new ApicProgramming(this, inbox, registers, timer, bus);
    page = new XapicPage(programming);
    msrs = new X2apicMsrs(programming);
    reset();
    bus.join(inbox);
  }

  // ---- the vCPU takes ----

  /// Whether there may be anything to take. Never false while there is, but for vectors that the
  /// processor's priority holds back.
  public boolean attention() {
    return inbox.attention();
  }

  /// The vector that would interrupt now if the processor let it, [#EXTERNAL], or -1.
  public int deliverable() {
    inbox.attention(false); // before the look: what comes later sets it again
    int found = inbox.externalPending() ? EXTERNAL : registers.deliverable();
    if (found >= 0 || inbox.events().any()) {
      inbox.attention(true);
    }
    return found;
  }

  /// Takes what [#deliverable] says, and gives its vector; -1 if it is gone. The 8259A goes first,
  /// as in KVM, and may answer with a spurious vector.
  public int acknowledge() {
    int found = deliverable();
    inbox.attention(true);
    if (found == EXTERNAL) {
      inbox.events().take(PendingEvents.EXTINT);
      return external.getAsInt();
    }
    if (found >= 0) {
      registers.remove(IRR, found);
      registers.add(ISR, found);
    }
    return found;
  }

  public boolean takeNmi() {
    return inbox.events().take(PendingEvents.NMI);
  }

  public boolean takeInit() {
    return inbox.events().take(PendingEvents.INIT);
  }

  /// The page of real mode at which to start, or -1. A processor that does not wait for it ignores
  /// what it takes here (SDM 3A, 9.4.4.1).
  public int takeStartup() {
    return inbox.events().takeStartup();
  }

  /// Whether an NMI waits, for the saved state; [#accept] brings it back.
  public boolean nmiPending() {
    return inbox.events().has(PendingEvents.NMI);
  }

  // ---- the vCPU programs ----

  /// The page at [#base] in xAPIC mode: offsets 0..4095. It is this vCPU's alone, and no part of
  /// the machine's bus.
  public Device page() {
    return page;
  }

  /// Whether this vCPU's accesses to `gpa` go to [#page].
  public boolean claims(long gpa) {
    return base.claims(gpa);
  }

  /// IA32_APIC_BASE.
  public long base() {
    return base.get();
  }

  public ApicMode mode() {
    return base.mode();
  }

  /// Writes IA32_APIC_BASE. False is `#GP`, with nothing changed.
  public boolean base(long value) {
    ApicMode before = mode();
    if (!base.write(value)) {
      return false;
    }
    if (mode() != before) {
      modeChanged();
    }
    return true;
  }

  /// Disabled, it forgets everything; as an x2APIC it has another id and LDR (SDM 3A, 11.12.5.1).
  private void modeChanged() {
    if (mode() == ApicMode.X2APIC) {
      registers.set(ApicRegisters.ID, id);
      registers.set(ApicRegisters.LDR, LogicalDestination.ofX2apic(id));
      registers.set(ApicRegisters.ICR_HIGH, 0);
    } else {
      reset();
    }
    inbox.notice();
  }

  /// Reads MSR 0x800..0x8FF; empty is `#GP`.
  public OptionalLong readMsr(int index) {
    return mode() == ApicMode.X2APIC ? msrs.read(index) : OptionalLong.empty();
  }

  /// Writes MSR 0x800..0x8FF; false is `#GP`.
  public boolean writeMsr(int index, long value) {
    return mode() == ApicMode.X2APIC && msrs.write(index, value);
  }

  /// IA32_TSC_DEADLINE.
  public long tscDeadline() {
    return timer.tscDeadline();
  }

  public void tscDeadline(long deadline) {
    timer.tscDeadline(deadline);
  }

  /// To be called after a write to the TSC or its offset.
  public void tscMoved() {
    timer.tscMoved();
  }

  /// CR8, which is bits 4..7 of the task priority (SDM 3A, 11.8.6).
  public int cr8() {
    return registers.get(TPR) >>> 4;
  }

  /// @param value 0..15
  public void cr8(int value) {
    programming.write(TPR, value << 4 & 0xFF);
  }

  /// Ends the service of the highest vector (SDM 3A, 11.8.5).
  public void endOfInterrupt() {
    int served = registers.highest(ISR);
    if (served < 0) {
      return;
    }
    registers.remove(ISR, served);
    inbox.attention(true);
    if (registers.contains(TMR, served)) {
      bus.broadcastEndOfInterrupt(served);
    }
  }

  /// Whether nobody waits for the end of the interrupt in service: no other is requested, and no
  /// I/O APIC is to hear of it.
  public boolean mayEndUnseen() {
    int served = registers.highest(ISR);
    return served >= 0 && registers.highest(IRR) < 0 && !registers.contains(TMR, served);
  }

  /// Whether a vector is requested.
  public boolean isRequested() {
    return registers.highest(IRR) >= 0;
  }

  /// As INIT leaves it; base, pins and what is pending beside vectors stay.
  public void reset() {
    timer.reset();
    inbox.takeErrors();
    if (mode() == ApicMode.X2APIC) {
      registers.reset(id, LogicalDestination.ofX2apic(id));
    } else {
      registers.reset(id << 24, 0);
    }
  }

  /// What firmware leaves on a PC (SDM 3A, 11.5.1): LINT0 takes the 8259A's vectors, LINT1 NMIs.
  public void wireThrough() {
    registers.set(LVT_LINT0, MODE_EXTINT);
    registers.set(LVT_LINT1, MODE_NMI);
    inbox.notice();
  }

  // ---- the outside asks ----

  /// Takes an interrupt that is for this one alone. False if it cannot.
  public boolean accept(Delivery delivery, int vector, boolean level) {
    return inbox.accept(delivery, vector, level);
  }

  /// Where the 8259A's INTR goes, and whom to ask for the vector then.
  ///
  /// @param acknowledge the interrupt acknowledge cycle; the vCPU's thread calls
  InterruptLine connectLint0(IntSupplier acknowledge) {
    external = acknowledge;
    return new Wire(inbox::lint0);
  }

  /// Where a board's NMI button goes.
  public InterruptLine lint1() {
    return new Wire(inbox::lint1);
  }

  // ---- state ----

  /// The register page as KVM_GET_LAPIC gives it. While the vCPU rests.
  public byte[] save() {
    timer.expireNow();
    return programming.save();
  }

  /// Becomes what [#save] gave; the TSC deadline follows by [#tscDeadline(long)].
  ///
  /// @param savedBase IA32_APIC_BASE
  /// @return false, with nothing changed, if they are no state of a local APIC
  public boolean load(byte[] savedPage, long savedBase) {
    if (savedPage.length != ApicRegisters.BYTES || !base.restore(savedBase)) {
      return false;
    }
    reset();
    programming.load(savedPage);
    inbox.notice();
    return true;
  }

  /// Leaves the bus.
  @Override
  public void close() {
    bus.leave(inbox);
    timer.reset();
  }
}
