package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBP;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDI;
import static dev.javisor.testkit.asm.Register.RSI;
import static dev.javisor.testkit.asm.Register.RSP;
import static dev.javisor.testkit.contract.SystemGuest.windowPage;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.vmm.hypervisor.VmExit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Exceptions in 64-bit mode: what is pushed, where, and that all can go on after it (SDM 3A,
/// chapter 7).
public abstract class ExceptionContract extends SystemContract {
  private static final long NOT_CANONICAL = 0x8000_0000_0000_0000L;
  private static final int FRAME = 0x50000;
  private static final int OTHER_FRAME = 0x51000;

  /// Runs `bytes` at label `it`, RBX being `rbx`; the fault must be there.
  private Trap faultOf(int vector, long errorCode, long rbx, int... bytes) {
    LongMode code = longMode().mov(RBX, rbx).label("it").bytes(bytes);
    return system(end(code)).fault(vector, errorCode, code.addressOf("it"));
  }

  @Test
  @Tag(BEYOND_TCG)
  void divisionByZeroIsAFault() {
    Trap trap = faultOf(SystemGuest.DE, -1, 0, 0x48, 0xF7, 0xF3); // div rbx
    assertEquals(RF, trap.rflags() & RF);
    assertEquals(SystemGuest.KERNEL_CODE, trap.cs());
    assertEquals(SystemGuest.KERNEL_DATA, trap.ss());
    assertEquals(EntryStates.STACK, trap.rsp());
  }

  @Test
  void whatIsNoInstructionIsUndefined() {
    faultOf(SystemGuest.UD, -1, 0, 0x0F, 0x0B); // ud2
    faultOf(SystemGuest.UD, -1, 0, 0xF0, 0x90); // lock nop
    faultOf(SystemGuest.UD, -1, 0, 0x06); // push es, of other modes
  }

  @Test
  void moreThanFifteenBytesAreAGeneralProtectionFault() {
    int[] bytes = new int[16];
    java.util.Arrays.fill(bytes, 0x66);
    bytes[15] = 0x90;
    faultOf(SystemGuest.GP, 0, 0, bytes);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void anX87InstructionFaultsWhileTsIsSet() {
    LongMode code = longMode().fromControl(0, RAX).bytes(0x0C, 0x08).toControl(0, RAX); // or al, TS
    code.label("it").bytes(0xD9, 0xE8).label("that").bytes(0x0F, 0x57, 0xC0); // fld1; xorps
    SystemGuest guest = system(end(code));
    guest.fault(SystemGuest.NM, code.addressOf("it")).resumeAt(code.addressOf("that"));
    guest.fault(SystemGuest.NM, code.addressOf("that"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aBreakpointTrapsBehindItself() {
    LongMode code = longMode().bytes(0xCC).label("next");
    Trap trap = system(end(code)).fault(SystemGuest.BP, code.addressOf("next"));
    assertEquals(0, trap.rflags() & RF);
  }

  @Test
  @Tag(BEYOND_TCG)
  void addressesThatAreNotCanonicalFaultByTheirSegment() {
    faultOf(SystemGuest.GP, 0, NOT_CANONICAL, 0x8A, 0x03); // mov al, [rbx]
    LongMode code = longMode().mov(RBP, NOT_CANONICAL).label("it").bytes(0x8A, 0x45, 0x00);
    system(end(code)).fault(SystemGuest.SS, 0, code.addressOf("it")); // mov al, [rbp]
  }

  @Test
  @Tag(BEYOND_TCG)
  void aStackThatIsNotCanonicalIsAStackFault() {
    LongMode code = longMode().mov(RSP, NOT_CANONICAL).label("it").push(RAX);
    SystemGuest guest = system(end(code)).onOwnStack(SystemGuest.SS);
    Trap trap = guest.fault(SystemGuest.SS, 0, code.addressOf("it"));
    assertEquals(NOT_CANONICAL, trap.rsp());
  }

  @Test
  void aJumpToWhatIsNotCanonicalIsAGeneralProtectionFault() {
    // with the branch's RIP on Intel's processors, the target's on AMD's
    LongMode code = longMode().mov(RBX, NOT_CANONICAL).label("it").jmp(RBX);
    Trap trap = system(code).trap(SystemGuest.GP);
    assertEquals(0, trap.errorCode());
    if (isIntel()) {
      assertEquals(code.addressOf("it"), trap.rip());
    }
  }

  @Test
  void aBadSelectorIsTheErrorCode() {
    faultOf(SystemGuest.GP, 0xFFF8, 0xFFFB, 0x8E, 0xDB); // mov ds, bx: beyond the GDT
    faultOf(SystemGuest.GP, SystemGuest.EXECUTE_ONLY_CODE, 0x78, 0x8E, 0xDB);
    faultOf(SystemGuest.GP, 4, 7, 0x8E, 0xDB); // there is no LDT
  }

  @Test
  void anAbsentSegmentIsNotPresent() {
    faultOf(SystemGuest.NP, SystemGuest.ABSENT_DATA, SystemGuest.ABSENT_DATA, 0x8E, 0xDB);
  }

  @Test
  void anAbsentStackIsAStackFault() {
    // mov ss, bx
    faultOf(SystemGuest.SS, SystemGuest.ABSENT_DATA, SystemGuest.ABSENT_DATA, 0x8E, 0xD3);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aTaskTooShortForItsStackIsAnInvalidOne() {
    LongMode code = longMode().mov(RBX, SystemGuest.OTHER_TASK).bytes(0x0F, 0x00, 0xDB); // ltr bx
    code.label("it").bytes(0xCD, 0x50);
    SystemGuest guest = system(end(code)).gate(0x50, code.addressOf("end"), 0, 7);
    guest.fault(SystemGuest.TS, SystemGuest.OTHER_TASK, code.addressOf("it"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void anInterruptWithoutAGateNamesTheGate() {
    faultOf(SystemGuest.GP, 0x50 * 8 + 2, 0, 0xCD, 0x50); // no gate's type
    LongMode code = longMode().label("it").bytes(0xCD, 0x50);
    system(end(code)).noGate(0x50).fault(SystemGuest.NP, 0x50 * 8 + 2, code.addressOf("it"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aGateBeyondTheTableNamesItself() {
    LongMode code = longMode().mov(RBX, PayloadGuest.DATA).lidt(RBX).label("it").bytes(0xCD, 0x50);
    SystemGuest guest = system(end(code));
    guest.put(PayloadGuest.DATA, 0x4FF | (long) EntryStates.IDT << 16);
    guest.fault(SystemGuest.GP, 0x50 * 8 + 2, code.addressOf("it"));
  }

  @Test
  void aFrameIsAlignedAndTheOldPointerPushed() {
    LongMode code = longMode().mov(RSP, EntryStates.STACK - 0x103).label("it").ud2();
    Trap trap = system(end(code)).fault(SystemGuest.UD, code.addressOf("it"));
    assertEquals(EntryStates.STACK - 0x103, trap.rsp());
    assertEquals(EntryStates.STACK - 0x110 - 40, trap.registers().rsp());
  }

  @Test
  @Tag(BEYOND_TCG)
  void anInterruptStackIsUsedAtTheSameLevelToo() {
    LongMode code = longMode().label("it").ud2();
    Trap trap = system(end(code)).onOwnStack(SystemGuest.UD).trap(SystemGuest.UD);
    assertEquals(SystemGuest.IST_STACK - 40, trap.registers().rsp());
    assertEquals(EntryStates.STACK, trap.rsp());
    assertEquals(SystemGuest.KERNEL_DATA, trap.state().system().ss().selector());
  }

  @Test
  void aFaultOfAUserGoesToTheKernelsStack() {
    LongMode code = longMode().label("it").ud2().nop();
    SystemGuest guest = user(end(code));
    Trap trap = guest.fault(SystemGuest.UD, code.addressOf("it"));
    assertEquals(SystemGuest.KERNEL_STACK - 40, trap.registers().rsp());
    assertEquals(SystemGuest.USER_CODE, trap.cs());
    assertEquals(SystemGuest.USER_DATA, trap.ss());
    assertEquals(SystemGuest.USER_STACK, trap.rsp());
    assertEquals(0, trap.state().system().ss().selector(), "a null stack segment");
    trap.resumeAt(code.addressOf("end"));
    guest.fault(SystemGuest.GP, 0, code.addressOf("end"));
  }

  @Test
  @Tag(BEYOND_TCG)
  void aFaultOnTheWayToAPageFaultIsADoubleFault() {
    LongMode code = longMode().mov(RBX, windowPage(9)).label("it").load(1, RAX, RBX, 0);
    SystemGuest guest = system(end(code)).noGate(SystemGuest.PF).onOwnStack(SystemGuest.DF);
    Trap trap = guest.trap(SystemGuest.DF);
    assertEquals(0, trap.errorCode());
    assertEquals(windowPage(9), trap.cr2());
    assertEquals(SystemGuest.IST_STACK - 48, trap.registers().rsp());
  }

  @Test
  @Tag(BEYOND_TCG)
  void aFaultOnTheWayToADivisionErrorIsADoubleFault() {
    LongMode code = longMode().mov(RBX, 0).bytes(0x48, 0xF7, 0xF3); // div rbx
    SystemGuest guest = system(end(code)).noGate(SystemGuest.DE).onOwnStack(SystemGuest.DF);
    assertEquals(0, guest.trap(SystemGuest.DF).errorCode());
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aFaultOnTheWayToABenignOneIsJustThatFault() {
    LongMode code = longMode().label("it").ud2();
    SystemGuest guest = system(end(code)).noGate(SystemGuest.UD);
    guest.fault(SystemGuest.NP, SystemGuest.UD * 8 + 3, code.addressOf("it"));
  }

  @Test
  void aPageFaultOfAStackIsADoubleFault() {
    LongMode code = longMode().mov(RSP, windowPage(9)).mov(RBX, windowPage(8));
    code.label("it").load(1, RAX, RBX, 0);
    SystemGuest guest = system(end(code)).onOwnStack(SystemGuest.DF);
    Trap trap = guest.trap(SystemGuest.DF);
    assertEquals(windowPage(9), trap.rsp());
    assertEquals(windowPage(9) - 8, trap.cr2() | 0xFF8, "CR2 is of the second fault");
  }

  @Test
  @Tag(BEYOND_TCG)
  void aFaultOnTheWayToADoubleFaultIsAShutdown() {
    LongMode code = longMode().mov(RBX, windowPage(9)).load(1, RAX, RBX, 0);
    SystemGuest guest = system(code).noGate(SystemGuest.PF).noGate(SystemGuest.DF);
    guest.machine().run(VmExit.Shutdown.class);
  }

  // ---------------------------------------------------------------- nothing changes before a fault

  @Test
  void aRepetitionGoesOnWhereItFaulted() {
    LongMode code = longMode().mov(RSI, PayloadGuest.DATA).mov(RDI, windowPage(1) + 0xFF0);
    code.mov(RCX, 0x40).label("it").bytes(0xF3, 0xA4); // rep movsb
    SystemGuest guest = system(end(code)).page(1, FRAME | 3);
    byte[] text = new byte[0x40];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) (i + 1);
    }
    guest.machine().put(PayloadGuest.DATA, text);
    Trap trap = guest.fault(SystemGuest.PF, WRITE, code.addressOf("it"));
    assertEquals(windowPage(2), trap.cr2());
    assertEquals(0x30, trap.registers().rcx());
    assertEquals(windowPage(2), trap.registers().rdi());
    assertEquals(PayloadGuest.DATA + 0x10, trap.registers().rsi());
    guest.page(2, OTHER_FRAME | 3);
    assertEquals(0, guest.end().rcx());
    assertEquals(0x10, guest.machine().ramByte(FRAME + 0xFFF));
    assertEquals(0x11, guest.machine().ramByte(OTHER_FRAME));
    assertEquals(0x40, guest.machine().ramByte(OTHER_FRAME + 0x2F));
  }

  /// Runs `bytes` with the stack at the end of what is there, and once more when all of it is.
  private SystemGuest restarted(long rsp, long errorCode, int... bytes) {
    LongMode code = longMode().mov(RSP, rsp).mov(RBP, windowPage(2) + 0x800);
    code.label("it").bytes(bytes);
    SystemGuest guest = system(end(code)).page(2, FRAME | 3).onOwnStack(SystemGuest.PF);
    Trap trap = guest.fault(SystemGuest.PF, errorCode, code.addressOf("it"));
    assertEquals(rsp, trap.rsp());
    assertEquals(windowPage(2) + 0x800, trap.registers().rbp());
    guest.page(1, OTHER_FRAME | 3).page(3, OTHER_FRAME | 3);
    return guest;
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void enterChangesNothingBeforeItsLastPage() {
    SystemGuest guest = restarted(windowPage(2) + 0x18, WRITE, 0xC8, 0x20, 0x00, 0x00);
    assertEquals(windowPage(2) + 0x10, guest.end().rbp()); // enter 0x20, 0
    assertEquals(windowPage(2) - 0x10, guest.machine().vcpu().state().registers().rsp());
  }

  @Test
  void aPushThatFaultsLeavesTheStackPointer() {
    SystemGuest guest = restarted(windowPage(2), WRITE, 0x55); // push rbp
    assertEquals(windowPage(2) - 8, guest.end().rsp());
  }

  @Test
  void aPopThatFaultsLeavesBoth() {
    SystemGuest guest = restarted(windowPage(3), 0, 0x5D); // pop rbp
    assertEquals(windowPage(3) + 8, guest.end().rsp());
  }

  @Test
  void aPopIntoAMissingPageLeavesTheStackPointer() {
    // pop [rsp + 0x10]: of the stack pointer after the pop
    SystemGuest guest = restarted(windowPage(2) + 0xFE8, WRITE, 0x8F, 0x44, 0x24, 0x10);
    guest.put(FRAME + 0xFE8, 0x1234);
    assertEquals(windowPage(2) + 0xFF0, guest.end().rsp());
    assertEquals(0x1234, guest.get(OTHER_FRAME));
  }

  @Test
  void aCallThatFaultsStaysWhereItIs() {
    SystemGuest guest = restarted(windowPage(2), WRITE, 0xE8, 0, 0, 0, 0);
    assertEquals(windowPage(2) - 8, guest.end().rsp());
  }

  @Test
  void anIretThatFaultsChangesNothing() {
    long rsp = windowPage(3) - 0x18; // RSP and SS are in the next page
    LongMode code = longMode().mov(RSP, rsp).label("it").iretq();
    SystemGuest guest = system(end(code)).page(2, FRAME | 3).onOwnStack(SystemGuest.PF);
    guest.put(FRAME + 0xFE8, OTHER_CODE).put(FRAME + 0xFF0, SystemGuest.KERNEL_CODE);
    guest.put(FRAME + 0xFF8, 2).put(OTHER_FRAME, EntryStates.STACK);
    guest.put(OTHER_FRAME + 8, SystemGuest.KERNEL_DATA);
    guest.machine().put(OTHER_CODE, end(new LongMode(OTHER_CODE)).assemble());
    Trap trap = guest.fault(SystemGuest.PF, 0, code.addressOf("it"));
    assertEquals(rsp, trap.rsp());
    guest.page(3, OTHER_FRAME | 3);
    assertEquals(EntryStates.STACK, guest.end().rsp());
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void anFxsaveThatFaultsStoresNothing() {
    LongMode code = longMode().mov(RBX, windowPage(1) + 0xF00);
    code.label("it").bytes(0x0F, 0xAE, 0x03); // fxsave [rbx]
    SystemGuest guest = system(end(code)).page(1, FRAME | 3);
    Trap trap = guest.fault(SystemGuest.PF, WRITE, code.addressOf("it"));
    assertEquals(windowPage(2), trap.cr2() & -4096, "anywhere in the page");
    assertEquals(0, guest.get(FRAME + 0xF18), "MXCSR");
    guest.page(2, OTHER_FRAME | 3);
    guest.end();
    assertEquals(0x1F80, guest.get(FRAME + 0xF18) & 0xFFFF);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void returnsToWhatIsNotCanonicalStayWhereTheyAre() {
    LongMode near = longMode().mov(RBX, NOT_CANONICAL).push(RBX).label("it").ret();
    LongMode far = longMode().push(SystemGuest.KERNEL_DATA).push(EntryStates.STACK).push(2);
    far.push(SystemGuest.KERNEL_CODE).mov(RBX, NOT_CANONICAL).push(RBX).label("it").iretq();
    for (LongMode code : new LongMode[] {near, far}) {
      Trap trap = system(code).trap(SystemGuest.GP);
      assertEquals(0, trap.errorCode());
      if (isIntel()) {
        assertEquals(code.addressOf("it"), trap.rip());
        assertEquals(EntryStates.STACK - (code == near ? 8 : 40), trap.rsp());
      }
    }
  }

  @Test
  void anIretToABadSelectorNamesItAndStays() {
    LongMode code = longMode().push(SystemGuest.KERNEL_DATA).push(EntryStates.STACK).push(2);
    code.push(SystemGuest.ABSENT_CODE).push(0x1000).label("it").iretq();
    Trap trap = system(end(code)).fault(SystemGuest.NP, 0x90, code.addressOf("it"));
    assertEquals(EntryStates.STACK - 40, trap.rsp());
  }
}
