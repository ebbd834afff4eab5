package dev.javisor.x86.smp;

import static dev.javisor.testkit.asm.Register.R12;
import static dev.javisor.testkit.asm.Register.R8;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDX;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.Register;
import java.util.function.Consumer;

/// What payloads have in common: R8 counts rounds down, R12 counts what must not be.
final class Phrases {
  private static final int LOCK = 0xF0;
  private static final int GATE = Crew.GATE - Crew.DATA;
  private static final int DONE = GATE + 0x40;
  private static final int PROGRESS = GATE + 0x80;

  private Phrases() {}

  /// When all are there `rounds` times `body`, whose labels may be used once; then out with R12.
  static LongMode rounds(LongMode code, int rounds, Consumer<LongMode> body) {
    begin(code.mov(R8, rounds)).label("round");
    body.accept(code);
    code.dec(R8).jnz("round").store(8, RBX, DONE, RBX);
    return code.mov(RAX, R12).outEax(Crew.PORT);
  }

  /// When all are there `body` until another has done its rounds; then out with how often.
  static LongMode untilDone(LongMode code, Consumer<LongMode> body) {
    begin(code).label("round");
    body.accept(code);
    code.inc(R12).store(8, RBX, PROGRESS, R12).load(8, RCX, RBX, DONE).test(RCX, RCX).jz("round");
    return code.mov(RAX, R12).outEax(Crew.PORT);
  }

  /// Until another that goes on [#untilDone] has just done so again. Uses RCX and RDX.
  static LongMode afterProgress(LongMode code) {
    code.load(8, RDX, RBX, PROGRESS).label("still").pause().load(8, RCX, RBX, PROGRESS);
    return code.xor(RCX, RDX).jz("still");
  }

  /// Waits until all vCPUs are there, with RBX and R12 as [#rounds] has them. Uses RCX.
  static LongMode begin(LongMode code) {
    lockInc(code.mov(RBX, Crew.DATA).mov(R12, 0), 8, GATE).label("gate").pause();
    return code.load(8, RCX, RBX, GATE).test(RCX, RCX).jnz("gate");
  }

  /// Until the 8 bytes at RBX + `displacement` are the round's number. Uses RCX.
  static LongMode await(LongMode code, String label, int displacement) {
    return code.label(label).pause().load(8, RCX, RBX, displacement).xor(RCX, R8).jnz(label);
  }

  /// Until the 8 bytes at RBX + `displacement`, which count down too, are no more than the round's
  /// number. Uses RCX.
  static LongMode awaitAtMost(LongMode code, int displacement) {
    code.pause().load(8, RCX, RBX, displacement).bytes(0x4C, 0x39, 0xC1); // cmp rcx, r8
    return code.bytes(0x77, -14); // ja: back to PAUSE
  }

  /// Counts it if RAX is not the round's number.
  static LongMode expectRound(LongMode code, String label) {
    return code.xor(RAX, R8).jz(label).inc(R12).label(label);
  }

  /// A locked instruction on `size` bytes at RBX + `displacement`.
  ///
  /// @param opcode of the one for bytes; the other follows it
  static LongMode locked(
      LongMode code, int size, boolean isTwoByte, int opcode, Register reg, int displacement) {
    code.bytes(LOCK);
    if (size == 2) {
      code.bytes(0x66);
    } else if (size == 8) {
      code.bytes(0x48);
    }
    if (isTwoByte) {
      code.bytes(0x0F);
    }
    int modrm = 0x80 | reg.ordinal() << 3 | RBX.ordinal();
    return code.bytes(size == 1 ? opcode : opcode + 1, modrm).little(displacement, 4);
  }

  /// `lock inc`
  static LongMode lockInc(LongMode code, int size, int displacement) {
    return locked(code, size, false, 0xFE, RAX, displacement);
  }

  /// `lock xadd` of 1
  static LongMode lockXadd(LongMode code, int size, int displacement) {
    return locked(code.mov(RCX, 1), size, true, 0xC0, RCX, displacement);
  }

  /// Adds 1 by a loop around `lock cmpxchg`.
  static LongMode lockCmpxchg(LongMode code, int size, int displacement) {
    String again = "cmpxchg" + size + "." + displacement;
    code.label(again).load(size, RAX, RBX, displacement).mov(RCX, RAX).inc(RCX);
    return locked(code, size, true, 0xB0, RCX, displacement).jnz(again);
  }
}
