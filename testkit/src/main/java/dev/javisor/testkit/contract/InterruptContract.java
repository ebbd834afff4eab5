package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.irq.MsiTarget;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Interrupts through PIC, I/O APIC (82093AA, 3.2) and as messages (SDM 3A, 11.11) end a `HLT`.
/// Each handler says its vector at port 0x99; the payload says 0x11 each time it wakes.
public abstract class InterruptContract extends EngineContract {
  static final int READY = 0x10;
  static final int WOKE = 0x11;
  static final int HANDLED = 0x99;

  private static final int PIN = 5;
  private static final int VECTOR = 0x45;
  private static final int OTHER_VECTOR = 0x56;
  private static final int LEVEL = 1 << 15;
  private static final long LOCAL_APIC = 0xFEE0_0000L;
  private static final long IO_APIC = 0xFEC0_0000L;

  /// Enables the local APIC (SVR), points I/O APIC pin 5 to VECTOR, halts for ever.
  static LongMode sleeper(LongMode code, int redirection) {
    code.mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF);
    code.mov(RBX, IO_APIC)
        .store(RBX, 0, 0x10 + 2 * PIN)
        .store(RBX, 0x10, redirection)
        .store(RBX, 0, 0x11 + 2 * PIN)
        .store(RBX, 0x10, 0);
    code.movAl(0xFF).outAl(0x21).outAl(0xA1); // the PICs, whose pins are the same wires, masked
    code.outAl(READY);
    // off but for the halt, so that an interrupt always finds it asleep
    code.label("sleep").sti().hlt().cli().outAl(WOKE).jmp("sleep");
    handler(code, VECTOR);
    return handler(code, OTHER_VECTOR);
  }

  private static LongMode handler(LongMode code, int vector) {
    return code.label("handler " + vector)
        .movAl(vector)
        .outAl(HANDLED)
        .mov(RBX, LOCAL_APIC)
        .store(RBX, 0xB0, 0) // end of interrupt
        .iretq();
  }

  private PayloadGuest sleeping(int redirection) {
    LongMode code = sleeper(longMode(), redirection);
    PayloadGuest guest = guest(code);
    gates(guest, code);
    guest.runToOut(READY);
    return guest;
  }

  static void gates(PayloadGuest guest, LongMode code) {
    for (int vector : new int[] {VECTOR, OTHER_VECTOR}) {
      guest.gate(vector, code.addressOf("handler " + vector));
    }
  }

  private static void assertInterrupt(PayloadGuest guest, int vector) {
    assertEquals(vector, guest.runToOut(HANDLED));
  }

  @Test
  void aPulseOnAnIoApicPinWakesAHaltedVcpu() {
    PayloadGuest guest = sleeping(VECTOR);
    InterruptLine line = guest.vm().line(PIN);
    for (int i = 0; i < 3; i++) {
      PayloadGuest.later(20, line::pulse);
      assertInterrupt(guest, VECTOR);
      guest.runToOut(WOKE);
    }
    guest.runQuietly(20);
  }

  @Test
  void aPulseBeforeTheHaltIsKept() {
    PayloadGuest guest = sleeping(VECTOR);
    guest.vm().line(PIN).pulse();
    assertInterrupt(guest, VECTOR);
  }

  @Test
  void anEdgeLineThatStaysUpInterruptsOnce() {
    PayloadGuest guest = sleeping(VECTOR);
    InterruptLine line = guest.vm().line(PIN);
    line.raise();
    line.raise();
    assertInterrupt(guest, VECTOR);
    guest.runToOut(WOKE);
    guest.runQuietly(20);
    line.lower();
    line.raise();
    assertInterrupt(guest, VECTOR);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aLevelLineInterruptsUntilItIsLowered() {
    PayloadGuest guest = sleeping(VECTOR | LEVEL);
    InterruptLine line = guest.vm().line(PIN);
    line.raise();
    assertInterrupt(guest, VECTOR);
    assertInterrupt(guest, VECTOR);
    line.lower();
    guest.runToOut(WOKE);
    guest.runQuietly(20);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void twoWiresToOnePinAreOneLine() {
    PayloadGuest guest = sleeping(VECTOR | LEVEL);
    guest.vm().line(PIN).raise();
    assertInterrupt(guest, VECTOR);
    guest.vm().line(PIN).lower();
    guest.runToOut(WOKE);
    guest.runQuietly(20);
  }

  @Test
  void aMaskedPinStaysQuiet() {
    PayloadGuest guest = sleeping(VECTOR | 1 << 16);
    guest.vm().line(PIN).pulse();
    guest.runQuietly(50);
  }

  @Test
  void aPinBeyondTheChipIsOurMistake() {
    PayloadGuest guest = guest(longMode().hlt());
    assertThrows(IllegalArgumentException.class, () -> guest.vm().line(24));
    assertThrows(IllegalArgumentException.class, () -> guest.vm().line(-1));
  }

  @Test
  void aMessageWakesAHaltedVcpu() {
    PayloadGuest guest = sleeping(1 << 16);
    MsiTarget message = own(guest.vm().createMsi());
    message.retarget(LOCAL_APIC, OTHER_VECTOR);
    PayloadGuest.later(20, message::signal);
    assertInterrupt(guest, OTHER_VECTOR);
    guest.runToOut(WOKE);
  }

  @Test
  void aMessageWithoutATargetDoesNothing() {
    PayloadGuest guest = sleeping(1 << 16);
    MsiTarget message = own(guest.vm().createMsi());
    message.signal();
    guest.runQuietly(20);
    message.retarget(LOCAL_APIC, VECTOR);
    guest.runQuietly(20);
    message.signal();
    assertInterrupt(guest, VECTOR);
  }

  @Test
  void aRetargetedMessageGoesToItsNewVector() {
    PayloadGuest guest = sleeping(1 << 16);
    MsiTarget message = own(guest.vm().createMsi());
    message.retarget(LOCAL_APIC, VECTOR);
    message.signal();
    assertInterrupt(guest, VECTOR);
    message.retarget(LOCAL_APIC, OTHER_VECTOR);
    guest.runToOut(WOKE);
    message.signal();
    assertInterrupt(guest, OTHER_VECTOR);
  }

  @Test
  void messagesAndPinsDoNotDisturbEachOther() {
    PayloadGuest guest = sleeping(VECTOR);
    MsiTarget one = own(guest.vm().createMsi());
    MsiTarget two = own(guest.vm().createMsi());
    one.retarget(LOCAL_APIC, VECTOR);
    two.retarget(LOCAL_APIC, OTHER_VECTOR);
    one.close();
    two.signal();
    assertInterrupt(guest, OTHER_VECTOR);
    guest.runToOut(WOKE);
    guest.vm().line(PIN).pulse();
    assertInterrupt(guest, VECTOR);
    guest.runToOut(WOKE);
  }

  @Test
  void aClosedMessageIsSilent() {
    PayloadGuest guest = sleeping(1 << 16);
    MsiTarget message = guest.vm().createMsi();
    message.retarget(LOCAL_APIC, VECTOR);
    message.close();
    message.close();
    message.signal();
    message.retarget(LOCAL_APIC, VECTOR);
    message.signal();
    guest.runQuietly(20);
  }

  @Test
  void messagesComeAndGoWithoutEnd() {
    PayloadGuest guest = sleeping(1 << 16);
    for (int i = 0; i < 5000; i++) { // more than a routing table has entries
      try (MsiTarget message = guest.vm().createMsi()) {
        message.retarget(LOCAL_APIC, VECTOR);
      }
    }
    MsiTarget last = own(guest.vm().createMsi());
    last.retarget(LOCAL_APIC, OTHER_VECTOR);
    last.signal();
    assertInterrupt(guest, OTHER_VECTOR);
  }

  @Test
  void thePicInterruptsRealMode() {
    // both 8259s: ICW1 edge, cascaded; ICW2 vectors 0x20 and 0x28; ICW3; ICW4 8086; only IRQ 5 open
    var code =
        realMode()
            .movSp(0x0F00)
            .movAl(0x11)
            .outAl(0x20)
            .movAl(0x20)
            .outAl(0x21)
            .movAl(0x04)
            .outAl(0x21)
            .movAl(0x01)
            .outAl(0x21)
            .movAl(0xFF & ~(1 << PIN))
            .outAl(0x21)
            .outAl(READY)
            .label("sleep")
            .sti()
            .hlt()
            .cli()
            .outAl(WOKE)
            .jmp("sleep")
            .label("handler")
            .movAl(0x20)
            .outAl(0x20) // end of interrupt
            .movAl(0x25)
            .outAl(HANDLED)
            .iret();
    PayloadGuest guest = guest(code);
    int handler = code.addressOf("handler");
    guest.put(4 * 0x25, new byte[] {(byte) handler, (byte) (handler >> 8), 0, 0});
    guest.runToOut(READY);
    PayloadGuest.later(20, guest.vm().line(PIN)::pulse);
    assertEquals(0x25, guest.runToOut(HANDLED));
    guest.runToOut(WOKE);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void noInterruptComesWhileTheyAreOff() {
    LongMode code = longMode().mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF);
    code.outAl(READY).mov(RAX, 1).outAl(WOKE).sti().nop().nop().outAl(WOKE);
    handler(code, VECTOR);
    PayloadGuest guest = guest(code).gate(VECTOR, code.addressOf("handler " + VECTOR));
    guest.runToOut(READY);
    MsiTarget message = own(guest.vm().createMsi());
    message.retarget(LOCAL_APIC, VECTOR);
    message.signal();
    guest.runToOut(WOKE);
    assertInterrupt(guest, VECTOR);
    guest.runToOut(WOKE);
  }
}
