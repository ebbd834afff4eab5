package dev.javisor.x86.engine;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RDI;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.MsiTarget;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// As Linux uses it (arch/x86/kernel/kvm.c, kvm_guest_apic_eoi_write).
final class ParavirtualEoiTest {
  private static final int WORD = PayloadGuest.DATA + 0x100;
  private static final int ENABLE = 0x4B56_4D04;
  private static final int VECTOR = 0x40;
  private static final int HIGHER = 0x50;
  private static final long APIC = 0xFEE0_0000L;
  private static final int SPURIOUS = 0xF0;
  private static final int EOI = 0xB0;
  private static final int COMMAND_LOW = 0x300;
  private static final int TO_SELF = 1 << 18;
  private static final int SERVICE = 0x120;
  private static final int SAYS = 0x11;
  private static final int SENDS = 10_000;
  private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG;

  /// A guest that has asked for it, with its local APIC on.
  private static LongMode begin() {
    return new LongMode(PayloadGuest.LONG_CODE)
        .wrmsr(ENABLE, WORD | 1)
        .mov(RBX, WORD)
        .mov(RDI, APIC)
        .store(RDI, SPURIOUS, 0x1FF);
  }

  private static LongMode send(LongMode code, int vector) {
    return code.store(RDI, COMMAND_LOW, TO_SELF | vector);
  }

  /// Sends, and takes it before anything else: interrupts are looked for between blocks.
  private static LongMode take(LongMode code, int vector) {
    return send(code, vector).bytes(0xEB, 0x00); // jmp to what follows
  }

  /// Says what the word is.
  private static LongMode say(LongMode code) {
    return code.load(4, RAX, RBX, 0).outAl(SAYS);
  }

  private static LongMode handler(LongMode code, String label, Consumer<LongMode> body) {
    code.label(label);
    body.accept(code);
    return code.iretq();
  }

  private static void run(LongMode code, Consumer<PayloadGuest> test) {
    try (SoftwareHypervisor engine = new SoftwareHypervisor();
        PayloadGuest guest = PayloadGuest.of(engine, code)) {
      guest.gate(VECTOR, code.addressOf("handler"));
      guest.gate(HIGHER, code.addressOf("higher"));
      test.accept(guest);
    }
  }

  private static LongMode rest(LongMode code) {
    return code.label("rest").jmp("rest");
  }

  @Test
  void anInterruptEndsByTheBitAlone() {
    LongMode code = take(take(begin().sti(), VECTOR), VECTOR);
    code.load(4, RAX, RDI, SERVICE).outEax(SAYS);
    rest(code);
    handler(code, "handler", c -> say(c).mov(RAX, 0).store(4, RBX, 0, RAX));
    code.label("higher");
    run(
        code,
        guest -> {
          assertEquals(1, guest.runToOut(SAYS), "offered");
          assertEquals(1, guest.runToOut(SAYS), "again: the first has ended");
          assertEquals(0, guest.runToOut(SAYS), "nothing in service");
        });
  }

  @Test
  void whereAnotherWaitsTheLocalApicIsToBeTold() {
    LongMode code = send(send(begin(), VECTOR), HIGHER).sti().nop().nop();
    say(rest(code));
    handler(code, "higher", c -> say(c).store(RDI, EOI, 0));
    handler(code, "handler", c -> say(c).outAl(SAYS + 1));
    run(
        code,
        guest -> {
          assertEquals(0, guest.runToOut(SAYS), "the lower one waits");
          assertEquals(1, guest.runToOut(SAYS), "nobody waits");
        });
  }

  @Test
  void whatComesMeanwhileTakesTheOfferBack() {
    LongMode code = rest(take(begin().sti(), HIGHER));
    handler(code, "higher", c -> say(take(say(c), VECTOR)).store(RDI, EOI, 0));
    handler(code, "handler", c -> say(c));
    run(
        code,
        guest -> {
          assertEquals(1, guest.runToOut(SAYS), "offered");
          assertEquals(0, guest.runToOut(SAYS), "and taken back");
          assertEquals(1, guest.runToOut(SAYS), "the other one's");
        });
  }

  @Test
  void anOfferOutlivesASavedState() {
    LongMode code = take(begin().sti(), VECTOR).load(4, RAX, RDI, SERVICE).outEax(SAYS);
    rest(take(code, VECTOR));
    handler(code, "handler", c -> say(c).mov(RAX, 0).store(4, RBX, 0, RAX));
    code.label("higher");
    run(
        code,
        first -> {
          assertEquals(1, first.runToOut(SAYS), "offered");
          assertInstanceOf(VmExit.Interrupted.class, first.vcpu().completeExit());
          byte[] saved = first.save();
          run(
              code,
              second -> {
                second.load(saved);
                assertEquals(0, second.runToOut(SAYS), "nothing in service");
                assertEquals(1, second.runToOut(SAYS), "the first has ended");
              });
        });
  }

  /// As Linux ends one, and counts it at `counter`.
  private static LongMode end(LongMode code, String label, int counter) {
    code.label(label).push(RAX).bytes(0x0F, 0xBA, 0x33, 0x00); // btr [rbx], 0
    code.bytes(0x48, 0x19, 0xC0).test(RAX, RAX).jnz(label + " ended"); // sbb rax, rax
    code.store(RDI, EOI, 0).label(label + " ended");
    return code.load(8, RAX, RBX, counter).inc(RAX).store(8, RBX, counter, RAX).pop(RAX).iretq();
  }

  /// Two devices that each wait for their interrupt before they send the next: one that is lost, or
  /// ended twice or never, leaves them waiting. What comes between two looks matters.
  @Test
  void noneIsLostWhereTwoDevicesSendAtWill() throws InterruptedException {
    LongMode code = rest(begin().sti().outAl(SAYS));
    end(end(code, "handler", 8), "higher", 16);
    try (SoftwareHypervisor engine = new SoftwareHypervisor();
        PayloadGuest guest = PayloadGuest.of(engine, code)) {
      guest.gate(VECTOR, code.addressOf("handler"));
      guest.gate(HIGHER, code.addressOf("higher"));
      guest.runToOut(SAYS);
      AtomicInteger done = new AtomicInteger();
      Thread one = Thread.ofPlatform().start(() -> send(guest, VECTOR, 8, done));
      Thread other = Thread.ofPlatform().start(() -> send(guest, HIGHER, 16, done));
      guest.run(VmExit.Interrupted.class);
      one.join();
      other.join();
      assertEquals(2 * SENDS, guest.ram().get(U64, WORD + 8) + guest.ram().get(U64, WORD + 16));
    }
  }

  private static void send(PayloadGuest guest, int vector, int counter, AtomicInteger done) {
    MsiTarget message = guest.vm().createMsi();
    message.retarget(APIC, vector);
    long deadline = System.nanoTime() + 25_000_000_000L;
    for (int sent = 1; sent <= SENDS && System.nanoTime() < deadline; sent++) {
      message.signal();
      while (guest.ram().get(U64, WORD + counter) < sent && System.nanoTime() < deadline) {
        Thread.yield();
      }
      VarHandle.fullFence();
    }
    if (done.incrementAndGet() == 2) {
      guest.vcpu().requestExit();
    }
  }
}
