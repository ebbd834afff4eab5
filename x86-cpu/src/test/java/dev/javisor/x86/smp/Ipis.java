package dev.javisor.x86.smp;

import static dev.javisor.testkit.asm.Register.R12;
import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDI;

import dev.javisor.testkit.asm.LongMode;
import java.util.function.Consumer;

/// Interrupts from vCPU 0 to vCPU 1 (SDM 3A, 11.6): rounds in which the first changes something,
/// leaves the round's number at [#NUMBER] and sends, and the second looks, in its handler, whether
/// the change is there, and answers at [#ANSWER].
final class Ipis {
  static final int VECTOR = 0x40;
  static final int NUMBER = 0;
  static final int ANSWER = 0x100;
  private static final int READY = 0x180;
  private static final long APIC = 0xFEE0_0000L;
  private static final int SPURIOUS = 0xF0;
  private static final int EOI = 0xB0;
  private static final int COMMAND_LOW = 0x300;
  private static final int COMMAND_HIGH = 0x310;
  private static final int ASSERT = 1 << 14;

  private Ipis() {}

  /// What the first does in each round behind its change.
  static void send(LongMode code) {
    code.store(8, RBX, NUMBER, R8);
    code.label("ready").load(8, RCX, RBX, READY).test(RCX, RCX).jz("ready");
    code.mov(RDI, APIC).store(RDI, COMMAND_HIGH, 1 << 24).store(RDI, COMMAND_LOW, ASSERT | VECTOR);
    Phrases.await(code, "answered", ANSWER);
  }

  /// The second: does `look` again and again, and in its handler, after `renew`, compares what RAX
  /// is then with the round's number. After round 1 it comes out with how often that was not so.
  static LongMode receiver(LongMode code, Consumer<LongMode> look, Consumer<LongMode> renew) {
    Phrases.begin(code.mov(RDI, APIC).store(RDI, SPURIOUS, 0x1FF))
        .mov(RAX, 1)
        .store(8, RBX, READY, RAX)
        .sti()
        .label("main");
    look.accept(code);
    code.jmp("main").label("handler");
    renew.accept(code);
    look.accept(code);
    Phrases.expectRound(code.load(8, R8, RBX, NUMBER), "fresh");
    code.mov(RDI, APIC).store(RDI, EOI, 0).store(8, RBX, ANSWER, R8);
    return code.dec(R8).jz("out").iretq().label("out").mov(RAX, R12).outEax(Crew.PORT);
  }
}
