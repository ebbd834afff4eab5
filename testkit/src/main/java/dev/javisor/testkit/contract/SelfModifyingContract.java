package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDI;
import static dev.javisor.testkit.asm.Register.RSI;
import static dev.javisor.testkit.contract.SystemGuest.windowPage;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Code that is written while it runs (SDM 3A, 9.1.3 and 12.6).
public abstract class SelfModifyingContract extends SystemContract {
  private static final int FRAME = 0x50000;
  private static final int OTHER_FRAME = 0x51000;
  private static final int OLD = 0x11;
  private static final int NEW = 0x22;
  private static final int SAID = 0x12;

  /// `mov al, OLD; out SAID, al; ret`
  private static byte[] routine(int value) {
    return new LongMode(0).movAl(value).outAl(SAID).ret().assemble();
  }

  /// Calls the routine at `address` and stays there.
  private static LongMode call(LongMode code, long address) {
    return code.mov(RBX, address).call(RBX);
  }

  /// CL, NEW, over the byte at `address`.
  private static LongMode patch(LongMode code, long address) {
    return code.mov(RSI, address).mov(RCX, NEW).store(1, RSI, 0, RCX);
  }

  @Test
  void codePatchedAheadRunsAsItIs() {
    LongMode code = call(patch(call(longMode(), OTHER_CODE), OTHER_CODE + 1), OTHER_CODE);
    SystemGuest guest = system(end(code));
    guest.machine().put(OTHER_CODE, routine(OLD));
    assertEquals(OLD, guest.runToOut(SAID));
    assertEquals(NEW, guest.runToOut(SAID));
  }

  @Test
  @Tag(BEYOND_TCG)
  void codeThatPatchesItsNextInstructionRunsTheNewOne() {
    LongMode code = longMode().mov(RBX, 2).mov(RCX, OLD).lea(RSI, "it");
    code.label("again").store(1, RSI, 1, RCX).label("it").movAl(0).outAl(SAID);
    code.mov(RCX, NEW).dec(RBX).jnz("again");
    SystemGuest guest = system(end(code));
    assertEquals(OLD, guest.runToOut(SAID));
    assertEquals(NEW, guest.runToOut(SAID));
  }

  @Test
  void codeThatHasRunOftenIsStillWatched() {
    LongMode code = longMode().mov(RCX, 0x12345).mov(RAX, 0).lea(RSI, "it").mov(RBX, 2);
    code.label("again").label("it").bytes(0x04, 0x01).dec(RCX).jnz("again"); // add al, 1
    code.outAl(SAID).mov(RCX, 3).store(1, RSI, 1, RCX).mov(RAX, 0).dec(RBX).jnz("again");
    SystemGuest guest = system(end(code));
    assertEquals(0x45, guest.runToOut(SAID));
    assertEquals(9, guest.runToOut(SAID));
  }

  @Test
  void codeIsPatchedThroughAnyAddressOfItsPage() {
    LongMode code = patch(call(longMode(), OTHER_CODE), windowPage(1) + 1);
    code.mov(RAX, 0).bytes(0x0F, 0xA2); // cpuid, to serialise
    SystemGuest guest = system(end(call(code, OTHER_CODE)));
    guest.page(1, OTHER_CODE | 3).machine().put(OTHER_CODE, routine(OLD));
    assertEquals(OLD, guest.runToOut(SAID));
    assertEquals(NEW, guest.runToOut(SAID));
  }

  @Test
  void anInstructionAcrossTwoPagesIsPatchedInItsSecond() {
    LongMode code = call(longMode(), windowPage(1) + 0xFFF);
    call(patch(code, windowPage(2)), windowPage(1) + 0xFFF);
    SystemGuest guest = system(end(code)).page(1, FRAME | 3).page(2, OTHER_FRAME | 3);
    byte[] routine = routine(OLD);
    guest.machine().put(FRAME + 0xFFF, new byte[] {routine[0]});
    guest.machine().put(OTHER_FRAME, java.util.Arrays.copyOfRange(routine, 1, routine.length));
    assertEquals(OLD, guest.runToOut(SAID));
    assertEquals(NEW, guest.runToOut(SAID));
  }

  @Test
  void aRepeatedCopyOverCodeIsSeen() {
    LongMode code = call(longMode(), OTHER_CODE).mov(RSI, PayloadGuest.DATA).mov(RDI, OTHER_CODE);
    code.mov(RCX, 0x40).bytes(0xF3, 0xA4); // rep movsb
    SystemGuest guest = system(end(call(code, OTHER_CODE)));
    guest.machine().put(OTHER_CODE, routine(OLD));
    guest.machine().put(PayloadGuest.DATA, routine(NEW));
    assertEquals(OLD, guest.runToOut(SAID));
    assertEquals(NEW, guest.runToOut(SAID));
  }

  @Test
  void aDeviceMayReplaceCodeThatHasRun() {
    SystemGuest guest = system(end(call(call(longMode(), OTHER_CODE), OTHER_CODE)));
    guest.machine().put(OTHER_CODE, routine(OLD));
    assertEquals(OLD, guest.runToOut(SAID));
    guest.machine().put(OTHER_CODE, routine(NEW));
    guest.machine().vm().written(OTHER_CODE, 2);
    assertEquals(NEW, guest.runToOut(SAID));
  }

  @Test
  void aPageThatMovesTakesItsCodeAway() {
    LongMode code = call(longMode(), windowPage(1)).mov(RSI, SystemGuest.LEVEL_1 + 8);
    code.mov(RCX, OTHER_FRAME | 3).store(8, RSI, 0, RCX).mov(RSI, windowPage(1)).invlpg(RSI);
    SystemGuest guest = system(end(call(code, windowPage(1)))).page(1, FRAME | 3);
    guest.machine().put(FRAME, routine(OLD));
    guest.machine().put(OTHER_FRAME, routine(NEW));
    assertEquals(OLD, guest.runToOut(SAID));
    assertEquals(NEW, guest.runToOut(SAID));
  }

  @Test
  void aTableThatMovesTakesWhatFollowsAway() {
    // a straddling instruction's second page becomes another one
    LongMode code = call(longMode(), windowPage(1) + 0xFFF).mov(RSI, SystemGuest.LEVEL_1 + 16);
    code.mov(RCX, PayloadGuest.DATA | 3).store(8, RSI, 0, RCX).mov(RSI, windowPage(2)).invlpg(RSI);
    SystemGuest guest = system(end(call(code, windowPage(1) + 0xFFF)));
    guest.page(1, FRAME | 3).page(2, OTHER_FRAME | 3);
    byte[] old = routine(OLD);
    byte[] changed = routine(NEW);
    guest.machine().put(FRAME + 0xFFF, new byte[] {old[0]});
    guest.machine().put(OTHER_FRAME, java.util.Arrays.copyOfRange(old, 1, old.length));
    guest.machine().put(PayloadGuest.DATA, java.util.Arrays.copyOfRange(changed, 1, old.length));
    assertEquals(OLD, guest.runToOut(SAID));
    assertEquals(NEW, guest.runToOut(SAID));
  }
}
