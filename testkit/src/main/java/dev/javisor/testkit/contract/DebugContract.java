package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDI;
import static dev.javisor.testkit.asm.Register.RDX;
import static dev.javisor.testkit.asm.Register.RSI;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.javisor.testkit.asm.LongMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Single steps and breakpoints (SDM 3B, chapter 19).
public abstract class DebugContract extends SystemContract {
  private static final int SINGLE_STEP = 1 << 14;
  private static final int DETECTED = 1 << 13;
  private static final int GENERAL_DETECT = 1 << 13;

  /// DR6's bits that say why.
  private static final long REASONS = 0xE00F;

  private static final int WATCHED = PayloadGuest.DATA + 0x100;
  private static final int ON_WRITE = 1;
  private static final int ON_PORT = 2;
  private static final int ON_ACCESS = 3;

  /// DR7 for breakpoint `number`, global.
  ///
  /// @param kind when: 0 for fetches
  /// @param size of the operand: 1, 2, 4 or 8 bytes
  private static long enable(int number, int kind, int size) {
    int length = size == 8 ? 2 : size - 1;
    return 2L << 2 * number | (long) (length << 2 | kind) << 16 + 4 * number;
  }

  private static long dr6(Trap trap) {
    return trap.state().debug().dr6() & REASONS;
  }

  /// A `#DB` for `reasons`, RIP being at `rip`.
  private static Trap debug(SystemGuest guest, long reasons, long rip) {
    Trap trap = guest.fault(SystemGuest.DB, rip);
    assertEquals(Long.toHexString(reasons), Long.toHexString(dr6(trap)), "DR6");
    return trap;
  }

  /// `popfq` of TF and the fixed bit.
  private static LongMode step(LongMode code) {
    return code.push((int) TF | 2).popfq();
  }

  @Test
  void aSingleStepTrapsBehindTheNextInstruction() {
    LongMode code = step(longMode()).nop().label("one").nop().label("two");
    SystemGuest guest = system(end(code));
    Trap trap = debug(guest, SINGLE_STEP, code.addressOf("one"));
    assertEquals(TF, trap.rflags() & TF);
    assertEquals(0, trap.registers().rflags() & TF, "off in the handler");
    debug(guest, SINGLE_STEP, code.addressOf("two")).resumeWith(2);
    guest.end();
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aStepOfARepetitionIsOneOfItsIterations() {
    LongMode code = longMode().mov(RDI, WATCHED).mov(RCX, 2).push((int) TF | 2).popfq();
    code.label("it").bytes(0xF3, 0xAA).label("next"); // rep stosb
    SystemGuest guest = system(end(code));
    assertEquals(1, debug(guest, SINGLE_STEP, code.addressOf("it")).registers().rcx());
    debug(guest, SINGLE_STEP, code.addressOf("next")).resumeWith(2);
    guest.end();
  }

  @Test
  void anInstructionThatFaultsIsNotStepped() {
    LongMode code = step(longMode()).label("it").ud2().label("next").nop().label("then");
    SystemGuest guest = system(end(code));
    guest.fault(SystemGuest.UD, code.addressOf("it")).resumeAt(code.addressOf("next"));
    debug(guest, SINGLE_STEP, code.addressOf("then")).resumeWith(2);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aLoadOfTheStackSegmentHoldsTheStepOff() {
    LongMode code = longMode().mov(RBX, SystemGuest.KERNEL_DATA).push((int) TF | 2).popfq();
    code.bytes(0x8E, 0xD3).nop().label("behind"); // mov ss, bx
    debug(system(end(code)), SINGLE_STEP, code.addressOf("behind"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void theIceBreakpointTrapsWithoutAReason() {
    LongMode code = longMode().bytes(0xF1).label("next");
    debug(system(end(code)), 0, code.addressOf("next"));
  }

  @Test
  @Tag(BEYOND_TCG)
  void anInstructionBreakpointIsAFault() {
    LongMode code = longMode();
    code.lea(RAX, "it").bytes(0x0F, 0x23, 0xC8); // mov dr1, rax
    code.toDebug(7, enable(1, 0, 1)).mov(RBX, 7).label("it").bytes(0xFF, 0xC3); // inc ebx
    SystemGuest guest = system(end(code));
    Trap trap = debug(guest, 1 << 1, code.addressOf("it"));
    assertEquals(7, trap.registers().rbx());
    trap.resumeWith(trap.rflags() | RF);
    assertEquals(8, guest.end().rbx());
  }

  @Test
  @Tag(BEYOND_TCG)
  void theResumeFlagHoldsForOneInstructionOnly() {
    LongMode code = longMode().mov(RCX, 2).lea(RAX, "it").bytes(0x0F, 0x23, 0xC0);
    code.toDebug(7, enable(0, 0, 1)).label("it").dec(RCX).jnz("it");
    SystemGuest guest = system(end(code));
    for (int left = 2; left > 0; left--) {
      Trap trap = debug(guest, 1, code.addressOf("it"));
      assertEquals(left, trap.registers().rcx());
      trap.resumeWith(trap.rflags() | RF);
    }
    guest.end();
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aFaultPushesTheResumeFlagAndATrapBehindDoesNot() {
    LongMode code = longMode().label("it").ud2().label("next").nop().bytes(0xCC);
    SystemGuest guest = system(end(code));
    Trap trap = guest.fault(SystemGuest.UD, code.addressOf("it"));
    assertEquals(RF, trap.rflags() & RF);
    trap.resumeAt(code.addressOf("next"));
    assertEquals(0, guest.trap(SystemGuest.BP).rflags() & RF);
  }

  private LongMode watching(int kind, int size) {
    LongMode code = longMode().mov(RBX, WATCHED).toDebug(2, WATCHED);
    return code.toDebug(7, enable(2, kind, size)).mov(RAX, 0x55);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aDataBreakpointTrapsBehindTheWrite() {
    LongMode code = watching(ON_WRITE, 4).load(4, RCX, RBX, 0).store(1, RBX, 3, RAX);
    SystemGuest guest = system(end(code.label("behind").nop()));
    debug(guest, 1 << 2, code.addressOf("behind"));
    assertEquals(0x55, guest.machine().ramByte(WATCHED + 3));
    guest.end();
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aDataBreakpointForAccessesSeesReads() {
    LongMode code = watching(ON_ACCESS, 1).load(4, RCX, RBX, -3).label("behind").nop();
    SystemGuest guest = system(end(code));
    debug(guest, 1 << 2, code.addressOf("behind"));
    guest.end();
  }

  @Test
  @Tag(BEYOND_TCG)
  void neighboursOfAWatchedOperandAreFree() {
    LongMode code = watching(ON_ACCESS, 4).store(1, RBX, 4, RAX).store(4, RBX, -4, RAX);
    system(end(code)).end();
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aLockedInstructionIsSeenByADataBreakpoint() {
    LongMode code = watching(ON_WRITE, 8).bytes(0xF0, 0xFF, 0x03).label("behind"); // lock inc [rbx]
    SystemGuest guest = system(end(code));
    debug(guest, 1 << 2, code.addressOf("behind"));
    guest.end();
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aPushIsSeenByADataBreakpoint() {
    LongMode code = longMode().toDebug(2, EntryStates.STACK - 8);
    code.toDebug(7, enable(2, ON_WRITE, 8)).push(RAX).label("behind");
    debug(system(end(code)), 1 << 2, code.addressOf("behind"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aWatchedRepetitionTrapsBehindTheIterationThatWrote() {
    LongMode code = watching(ON_WRITE, 1).mov(RDI, WATCHED - 0x40).mov(RCX, 0x80);
    code.label("it").bytes(0xF3, 0xAA).label("next"); // rep stosb
    SystemGuest guest = system(end(code));
    Trap trap = guest.trap(SystemGuest.DB);
    assertEquals(1 << 2, dr6(trap));
    assertNotEquals(0, guest.machine().ramByte(WATCHED));
    assertEquals(0x3F, trap.registers().rcx());
    assertEquals(0, guest.end().rcx());
  }

  /// With `cr4` in CR4, watches ports 0x40 and 0x41, 0x10 being what contracts speak through.
  private LongMode watchingPorts(int cr4) {
    LongMode code = longMode().fromControl(4, RAX).bytes(0x0C, cr4).toControl(4, RAX); // or al, cr4
    return code.toDebug(2, 0x40).toDebug(7, enable(2, ON_PORT, 2)).mov(RAX, 0x55);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aPortBreakpointTrapsBehindInAndOut() {
    LongMode code =
        watchingPorts(8).bytes(0xE6, 0x42).bytes(0xE6, 0x41).label("out"); // out 0x41, al
    code.bytes(0xE4, 0x40).label("in").nop(); // in al, 0x40
    SystemGuest guest = system(end(code));
    debug(guest, 1 << 2, code.addressOf("out")).resumeWith(2);
    debug(guest, 1 << 2, code.addressOf("in")).resumeWith(2);
    guest.end();
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aRepetitionOverAWatchedPortTrapsBehindEachIteration() {
    LongMode code = watchingPorts(8).mov(RDX, 0x41).mov(RSI, WATCHED).mov(RCX, 3);
    code.label("it").bytes(0xF3, 0x6E).label("next"); // rep outsb
    SystemGuest guest = system(end(code));
    assertEquals(2, debug(guest, 1 << 2, code.addressOf("it")).registers().rcx());
    assertEquals(1, debug(guest, 1 << 2, code.addressOf("it")).registers().rcx());
    debug(guest, 1 << 2, code.addressOf("next")).resumeWith(2);
    guest.end();
  }

  @Test
  void withoutDeAPortBreakpointIsNone() {
    system(end(watchingPorts(0).bytes(0xE6, 0x41).bytes(0xE4, 0x40))).end();
  }

  @Test
  @Tag(BEYOND_TCG)
  void aDisabledBreakpointDoesNothing() {
    LongMode code = longMode().mov(RBX, WATCHED).toDebug(2, WATCHED);
    code.toDebug(7, enable(2, ON_WRITE, 4)).toDebug(7, 0x400).store(4, RBX, 0, RAX);
    system(end(code)).end();
  }

  @Test
  @Tag(BEYOND_TCG)
  void accessToDebugRegistersCanBeDetected() {
    LongMode code = longMode().toDebug(7, GENERAL_DETECT).label("it").bytes(0x0F, 0x21, 0xC0);
    SystemGuest guest = system(end(code)); // mov rax, dr0
    Trap trap = debug(guest, DETECTED, code.addressOf("it"));
    assertEquals(0, trap.state().debug().dr7() & GENERAL_DETECT, "off in the handler");
    guest.end();
  }

  @Test
  void dr6KeepsItsReasonsUntilTheyAreCleared() {
    LongMode code = step(longMode()).nop().label("one");
    code.push(2).popfq().label("off").bytes(0x0F, 0x21, 0xF0); // mov rax, dr6
    SystemGuest guest = system(end(code));
    debug(guest, SINGLE_STEP, code.addressOf("one")).resumeWith(2);
    assertEquals(0xFFFF_0FF0L | SINGLE_STEP, guest.end().rax() | 1L << 11 | 1 << 16);
  }

  @Test
  void theDebugRegistersThatAreNoneAreAliasesUntilDeIsSet() {
    LongMode code = longMode().bytes(0x0F, 0x21, 0xE3).fromControl(4, RAX); // mov rbx, dr4
    code.bytes(0x0C, 0x08).toControl(4, RAX).label("it").bytes(0x0F, 0x21, 0xE3); // or al, DE
    system(end(code)).fault(SystemGuest.UD, code.addressOf("it"));
  }

  @Test
  void upperHalvesOfDr6AndDr7AreRefused() {
    LongMode code = longMode().mov(RAX, 1L << 32).label("it").bytes(0x0F, 0x23, 0xF8);
    system(end(code)).fault(SystemGuest.GP, 0, code.addressOf("it"));
  }
}
