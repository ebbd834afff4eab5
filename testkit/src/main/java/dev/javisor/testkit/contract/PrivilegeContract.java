package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.R11;
import static dev.javisor.testkit.asm.Register.R12;
import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDX;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.ProtectedMode;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.irq.MsiTarget;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Privilege levels, the ways between them, and what holds interrupts off (SDM 3A, chapters 6 and
/// 7).
public abstract class PrivilegeContract extends SystemContract {
  private static final int STAR = 0xC000_0081;
  private static final int LSTAR = 0xC000_0082;
  private static final int FMASK = 0xC000_0084;
  private static final int GS_BASE = 0xC000_0101;
  private static final int KERNEL_GS_BASE = 0xC000_0102;
  private static final int SYSENTER_CS = 0x174;
  private static final int SYSENTER_ESP = 0x175;
  private static final int SYSENTER_EIP = 0x176;

  private static final long NOT_CANONICAL = 0x8000_0000_0000_0000L;
  private static final long LOCAL_APIC = 0xFEE0_0000L;
  private static final int NMI = 2;
  private static final int ZF = 1 << 6;
  private static final int CALLED = 0x11;

  private static final int[][] PRIVILEGED = {
    {0xF4}, // hlt
    {0x0F, 0x20, 0xC0}, // mov rax, cr0
    {0x0F, 0x22, 0xD8}, // mov cr3, rax
    {0x0F, 0x21, 0xC0}, // mov rax, dr0
    {0x0F, 0x30}, // wrmsr
    {0x0F, 0x32}, // rdmsr
    {0x0F, 0x01, 0x13}, // lgdt [rbx]
    {0x0F, 0x01, 0x1B}, // lidt [rbx]
    {0x0F, 0x00, 0xD3}, // lldt bx
    {0x0F, 0x00, 0xDB}, // ltr bx
    {0x0F, 0x06}, // clts
    {0x0F, 0x01, 0xF3}, // lmsw bx
    {0x0F, 0x01, 0x3B}, // invlpg [rbx]
    {0x0F, 0x09}, // wbinvd
    {0x0F, 0x01, 0xF8}, // swapgs
    {0x48, 0x0F, 0x07}, // sysret
    {0xEC}, // in al, dx
    {0xE6, 0x10}, // out 0x10, al
    {0xFA}, // cli
    {0xFB}, // sti
  };

  @Test
  void usersAreDeniedWhatIsTheKernels() {
    LongMode code = longMode().mov(RBX, PayloadGuest.DATA);
    for (int i = 0; i < PRIVILEGED.length; i++) {
      code.label("it" + i).bytes(PRIVILEGED[i]).label("after" + i);
    }
    SystemGuest guest = user(end(code));
    for (int i = 0; i < PRIVILEGED.length; i++) {
      guest
          .fault(SystemGuest.GP, 0, code.addressOf("it" + i))
          .resumeAt(code.addressOf("after" + i));
    }
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void theTimeStampCounterCanBeKeptFromUsers() {
    LongMode code = longMode().fromControl(4, RAX).bytes(0x0C, 0x04).toControl(4, RAX); // TSD
    toUser(code.rdtsc(), "user", 0).label("user").rdtsc();
    system(end(code)).fault(SystemGuest.GP, 0, code.addressOf("user"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void anIretToAUserTakesTheKernelsSegmentsAway() {
    LongMode code = toUser(longMode(), "user", IOPL_3).label("user").ud2();
    Trap trap = system(code).fault(SystemGuest.UD, code.addressOf("user"));
    assertEquals(SystemGuest.USER_CODE, trap.cs());
    assertEquals(SystemGuest.USER_DATA, trap.ss());
    assertEquals(SystemGuest.USER_STACK, trap.rsp());
    assertEquals(IOPL_3, trap.rflags() & IOPL_3);
    assertEquals(0, trap.state().system().ds().selector());
  }

  @Test
  void anIretWithNestedTasksIsRefused() {
    LongMode code = longMode().push((int) NT | 2).popfq().push(0).push(0).push(0).push(0).push(0);
    system(code.label("it").iretq()).fault(SystemGuest.GP, 0, code.addressOf("it"));
  }

  // ---------------------------------------------------------------- ports and flags

  @Test
  void theTasksMapOpensPortsToUsers() {
    LongMode code = longMode().mov(RBX, SystemGuest.OTHER_TASK).bytes(0x0F, 0x00, 0xDB); // ltr
    toUser(code, "user", 0).label("user").outAl(0x11).label("closed").outAl(0x12);
    code.label("next").label("wide").bytes(0x66, 0xE7, 0x11).label("end").ud2(); // out 0x11, ax
    SystemGuest guest = system(code);
    guest.descriptor(SystemGuest.OTHER_TASK, 0x0000_8902_A000_00A0L);
    guest.put(SystemGuest.TASK + 0x68, 1L << 0x12);
    guest.runToOut(0x11);
    guest.fault(SystemGuest.GP, 0, code.addressOf("closed")).resumeAt(code.addressOf("next"));
    guest.fault(SystemGuest.GP, 0, code.addressOf("wide")).resumeAt(code.addressOf("end"));
    guest.fault(SystemGuest.UD, code.addressOf("end"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aMapThatEndsTooSoonClosesThePort() {
    LongMode code = longMode().mov(RBX, SystemGuest.OTHER_TASK).bytes(0x0F, 0x00, 0xDB); // ltr
    toUser(code, "user", 0).label("user").outAl(0x11);
    SystemGuest guest = system(code);
    guest.descriptor(SystemGuest.OTHER_TASK, 0x0000_8902_A000_006AL); // needs 0x6B: two bytes
    guest.fault(SystemGuest.GP, 0, code.addressOf("user"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void ioplOpensPortsAndTheInterruptFlag() {
    LongMode code = toUser(longMode(), "user", IOPL_3 | IF).label("user").outAl(0x11).cli();
    SystemGuest guest = system(code.label("it").ud2());
    guest.runToOut(0x11);
    assertEquals(0, guest.fault(SystemGuest.UD, code.addressOf("it")).rflags() & IF);
  }

  @Test
  void popfKeepsFromUsersWhatIsNotTheirs() {
    LongMode code = longMode().push((int) (IOPL_3 | IF | DF | 2)).popfq().label("it").ud2();
    Trap trap = user(code).fault(SystemGuest.UD, code.addressOf("it"));
    assertEquals(DF, trap.rflags() & (IOPL_3 | IF | DF));
  }

  @Test
  void popfGivesTheKernelAllOfThem() {
    LongMode code = longMode().push((int) (IOPL_3 | IF | 2)).popfq().cli().label("it").ud2();
    Trap trap = system(code).fault(SystemGuest.UD, code.addressOf("it"));
    assertEquals(IOPL_3, trap.rflags() & (IOPL_3 | IF));
  }

  // ---------------------------------------------------------------- system calls

  /// SYSCALL goes to OTHER_CODE with DF cleared; then user mode at `user`, DF set.
  private LongMode calling() {
    LongMode code = longMode().wrmsr(LSTAR, OTHER_CODE).wrmsr(FMASK, DF);
    code.wrmsr(STAR, (long) (SystemGuest.USER_CODE_32 & ~3) << 48 | 0x10L << 32);
    return toUser(code, "user", DF).label("user");
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aSystemCallGoesToTheKernelAndBack() {
    LongMode code = calling().bytes(0x0F, 0x05).label("next").ud2();
    SystemGuest guest = system(code);
    guest
        .machine()
        .put(OTHER_CODE, new LongMode(OTHER_CODE).outAl(CALLED).bytes(0x48, 0x0F, 0x07).assemble());
    guest.runToOut(CALLED);
    var state = guest.machine().vcpu().state();
    assertEquals(code.addressOf("next"), state.registers().rcx());
    assertEquals(DF | 2, state.registers().r11());
    assertEquals(2, state.registers().rflags());
    assertEquals(SystemGuest.USER_STACK, state.registers().rsp());
    assertEquals(SystemGuest.KERNEL_CODE, state.system().cs().selector());
    assertEquals(SystemGuest.KERNEL_DATA, state.system().ss().selector());
    Trap trap = guest.fault(SystemGuest.UD, code.addressOf("next"));
    assertEquals(SystemGuest.USER_CODE, trap.cs());
    assertEquals(SystemGuest.USER_DATA, trap.ss());
    assertEquals(DF, trap.rflags() & DF);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aSystemCallMayReturnToCompatibilityMode() {
    LongMode code = longMode().wrmsr(STAR, 0x30L << 48).mov(R11, 2).mov(RCX, OTHER_CODE);
    code.mov(RAX, 0x41).bytes(0x0F, 0x07); // sysret
    SystemGuest guest = system(code);
    ProtectedMode there = new ProtectedMode(OTHER_CODE).bytes(0x40).ud2(); // inc eax
    guest.machine().put(OTHER_CODE, there.assemble());
    Trap trap = guest.fault(SystemGuest.UD, OTHER_CODE + 1);
    assertEquals(0x42, trap.registers().rax());
    assertEquals(SystemGuest.USER_CODE_32, trap.cs());
  }

  @Test
  void systemCallsAreUndefinedWhereEferDoesNotAllowThem() {
    LongMode code = longMode().wrmsr(0xC000_0080, 1 << 8 | 1 << 10).label("it").bytes(0x0F, 0x05);
    system(end(code)).fault(SystemGuest.UD, code.addressOf("it"));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aReturnToWhatIsNotCanonicalIsRefused() {
    LongMode code = longMode().mov(RCX, NOT_CANONICAL).mov(R11, 2);
    SystemGuest guest = system(code.label("it").bytes(0x48, 0x0F, 0x07));
    Trap trap = guest.trap(SystemGuest.GP);
    assertEquals(0, trap.errorCode());
    if (isIntel()) { // in the kernel, as CVE-2012-0217 found
      assertEquals(code.addressOf("it"), trap.rip());
      assertEquals(SystemGuest.KERNEL_CODE, trap.cs());
    }
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void sysenterGoesToTheKernelAndBackOnIntelsProcessors() {
    LongMode code = longMode().wrmsr(SYSENTER_CS, SystemGuest.KERNEL_CODE);
    code.wrmsr(SYSENTER_ESP, EntryStates.STACK - 64).wrmsr(SYSENTER_EIP, OTHER_CODE);
    toUser(code, "user", IF).label("user").bytes(0x0F, 0x34).label("next").ud2();
    SystemGuest guest = system(code);
    LongMode there = new LongMode(OTHER_CODE).outAl(CALLED).mov(RDX, code.addressOf("next"));
    there.mov(RCX, SystemGuest.USER_STACK - 8).label("it").bytes(0x48, 0x0F, 0x35); // sysexit
    guest.machine().put(OTHER_CODE, there.assemble());
    if (!isIntel()) {
      guest.fault(SystemGuest.UD, code.addressOf("user"));
      return;
    }
    guest.runToOut(CALLED);
    Registers registers = guest.machine().vcpu().state().registers();
    assertEquals(EntryStates.STACK - 64, registers.rsp());
    assertEquals(0, registers.rflags() & IF);
    Trap trap = guest.fault(SystemGuest.UD, code.addressOf("next"));
    assertEquals(0x33, trap.cs());
    assertEquals(0x3B, trap.ss());
    assertEquals(SystemGuest.USER_STACK - 8, trap.rsp());
  }

  @Test
  void swapgsExchangesTheBases() {
    LongMode code = longMode().wrmsr(GS_BASE, PayloadGuest.DATA);
    code.wrmsr(KERNEL_GS_BASE, PayloadGuest.DATA + 8).bytes(0x0F, 0x01, 0xF8);
    code.bytes(0x65, 0x8A, 0x04, 0x25, 0, 0, 0, 0).outAl(0x11); // mov al, gs:[0]
    code.mov(RCX, KERNEL_GS_BASE & 0xFFFF_FFFFL).bytes(0x0F, 0x32); // rdmsr
    SystemGuest guest = system(end(code));
    guest.put(PayloadGuest.DATA, 1).put(PayloadGuest.DATA + 8, 2);
    assertEquals(2, guest.runToOut(0x11));
    assertEquals(PayloadGuest.DATA, guest.end().rax());
  }

  // ---------------------------------------------------------------- gates and compatibility mode

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void usersMayCallGatesOfTheirLevelOnly() {
    LongMode code = longMode().label("it").bytes(0xCD, 0x50).bytes(0xCD, 0x51).label("next");
    LongMode there = end(new LongMode(OTHER_CODE));
    SystemGuest guest = user(code);
    guest.machine().put(OTHER_CODE, there.assemble());
    guest.gate(0x50, OTHER_CODE, 0, 0).gate(0x51, OTHER_CODE, 3, 0);
    guest
        .fault(SystemGuest.GP, 0x50 * 8 + 2, code.addressOf("it"))
        .resumeAt(code.addressOf("it") + 2);
    assertEquals(SystemGuest.KERNEL_STACK - 40, guest.end().rsp());
    assertEquals(code.addressOf("next"), guest.get(SystemGuest.KERNEL_STACK - 40));
  }

  @Test
  void anIretGoesToCompatibilityModeAndAnExceptionBack() {
    LongMode code = longMode().mov(RBX, 0xFFFF_FFFF_FFFFL).push(SystemGuest.USER_DATA);
    code.push(SystemGuest.USER_STACK).push(2).push(SystemGuest.USER_CODE_32).push(OTHER_CODE);
    SystemGuest guest = system(code.iretq());
    ProtectedMode there = new ProtectedMode(OTHER_CODE).bytes(0x43).label("it").ud2(); // inc ebx
    guest.machine().put(OTHER_CODE, there.assemble());
    Trap trap = guest.fault(SystemGuest.UD, there.addressOf("it"));
    assertEquals(0, trap.registers().rbx());
    assertEquals(SystemGuest.USER_CODE_32, trap.cs());
    assertEquals(SystemGuest.USER_STACK, trap.rsp());
    assertEquals(SystemGuest.KERNEL_CODE, trap.state().system().cs().selector());
  }

  @Test
  void aFarReturnGoesToTheKernelsCompatibilityMode() {
    LongMode code = longMode().push(SystemGuest.KERNEL_CODE_32).push(OTHER_CODE);
    SystemGuest guest = system(code.bytes(0x48, 0xCB)); // retfq
    ProtectedMode there =
        new ProtectedMode(OTHER_CODE).jmpFar(SystemGuest.KERNEL_CODE, OTHER_CODE + 0x100);
    guest.machine().put(OTHER_CODE, there.assemble());
    guest.machine().put(OTHER_CODE + 0x100, end(new LongMode(OTHER_CODE + 0x100)).assemble());
    guest.end();
  }

  // ---------------------------------------------------------------- interrupts held off

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void anInterruptWaitsForTheInstructionAfterSti() {
    LongMode code = longMode().mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF);
    code.store(RBX, 0x300, 0x4_0050).sti().nop().label("here").nop().nop();
    SystemGuest guest = system(end(code));
    guest.machine().put(OTHER_CODE, end(new LongMode(OTHER_CODE)).assemble());
    guest.gate(0x50, OTHER_CODE, 0, 0);
    long sp = guest.end().rsp();
    assertEquals(code.addressOf("here"), guest.get((int) sp));
    assertEquals(IF, guest.get((int) sp + 16) & IF);
    assertEquals(0, guest.machine().vcpu().state().registers().rflags() & IF);
  }

  private MsiTarget nmi(SystemGuest guest) {
    MsiTarget message = own(guest.machine().vm().createMsi());
    message.retarget(LOCAL_APIC, 4 << 8);
    return message;
  }

  /// The local APIC on, then HLT with interrupts off, then round and round.
  private LongMode sleeping() {
    LongMode code = longMode().mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF).outAl(0x11).hlt();
    return code.label("awake").jmp("awake");
  }

  @Test
  void anNmiEndsAHaltWithInterruptsOff() {
    LongMode code = sleeping();
    SystemGuest guest = system(code);
    guest.runToOut(0x11);
    PayloadGuest.later(20, nmi(guest)::signal);
    assertEquals(code.addressOf("awake"), guest.trap(NMI).rip());
  }

  @Test
  void anNmiWaitsForTheIretOfTheOneBefore() {
    LongMode code = longMode().mov(RBX, LOCAL_APIC).store(RBX, 0xF0, 0x1FF).outAl(0x11);
    SystemGuest guest = system(code.label("here").jmp("here"));
    MsiTarget message = nmi(guest);
    guest.runToOut(0x11);
    message.signal();
    Trap first = guest.trap(NMI);
    message.signal();
    Trap second = guest.trap(NMI);
    assertEquals(first.frame(), second.frame(), "not nested");
    assertEquals(code.addressOf("here"), second.rip());
  }

  // ---------------------------------------------------------------- selectors

  @Test
  @Tag(BEYOND_TCG)
  void aNullSelectorIsFineUntilItIsAStackOfAUser() {
    LongMode code = longMode().mov(RAX, 0).mov(RBX, 3);
    code.bytes(0x8E, 0xD8).bytes(0x8E, 0xD0).load(1, RCX, RBX, 0); // mov ds, ax; mov ss, ax
    code.label("it").bytes(0x8E, 0xD3); // mov ss, bx
    system(end(code)).fault(SystemGuest.GP, 0, code.addressOf("it"));
    LongMode other = longMode().mov(RBX, 3).label("it").bytes(0x8E, 0xD3);
    user(other).fault(SystemGuest.GP, 0, other.addressOf("it"));
  }

  @Test
  void usersDoNotGetTheKernelsSegments() {
    LongMode code = longMode().mov(RBX, SystemGuest.KERNEL_DATA).label("it").bytes(0x8E, 0xDB);
    user(code).fault(SystemGuest.GP, SystemGuest.KERNEL_DATA, code.addressOf("it"));
  }

  @Test
  void aLoadOfASegmentMarksItAccessed() {
    LongMode code = longMode().mov(RBX, SystemGuest.KERNEL_DATA).bytes(0x8E, 0xDB);
    SystemGuest guest = system(end(code));
    guest.descriptor(SystemGuest.KERNEL_DATA, 0x00CF_9200_0000_FFFFL);
    guest.end();
    assertEquals(0x93, guest.get(EntryStates.GDT + SystemGuest.KERNEL_DATA) >>> 40 & 0xFF);
  }

  /// RAX is -1, RBX `selector`; what `bytes` make of RAX, and ZF in bit 6 of RDX.
  private Registers look(int selector, boolean user, int... bytes) {
    LongMode code = longMode().mov(RAX, -1).mov(RBX, selector).bytes(bytes).pushfq().pop(RDX);
    code.label("it").ud2();
    SystemGuest guest = user ? user(code) : system(code);
    return guest.fault(SystemGuest.UD, code.addressOf("it")).registers();
  }

  private void assertLook(long rax, int selector, boolean user, int... bytes) {
    Registers seen = look(selector, user, bytes);
    assertEquals(rax, seen.rax());
    assertEquals(rax == -1 ? 0 : ZF, seen.rdx() & ZF);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void lslTellsLimitsToThoseWhoMaySeeThem() {
    int[] lsl = {0x48, 0x0F, 0x03, 0xC3}; // lsl rax, ebx
    assertLook(0xFFF, SystemGuest.SMALL_DATA, false, lsl);
    assertLook(0xFFFF_FFFFL, SystemGuest.USER_DATA, true, lsl);
    assertLook(-1, SystemGuest.KERNEL_DATA, true, lsl);
    assertLook(-1, 0xFFF8, false, lsl);
    assertLook(-1, 0, false, lsl);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void larTellsRights() {
    int[] lar = {0x0F, 0x02, 0xC3}; // lar eax, ebx
    long undefined = 0xF_0000;
    assertEquals(0xC0_9300, look(SystemGuest.KERNEL_DATA, false, lar).rax() & ~undefined);
    assertEquals(0xA0_9F00, look(SystemGuest.CONFORMING_CODE, true, lar).rax() & ~undefined);
    assertLook(-1, SystemGuest.KERNEL_DATA, true, lar);
  }

  private long verified(int selector, int form) {
    return look(selector, false, 0x0F, 0x00, form).rdx() & ZF;
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void verrAndVerwSayWhetherItCouldBeReadOrWritten() {
    int verr = 0xE3;
    int verw = 0xEB;
    assertEquals(ZF, verified(SystemGuest.READ_ONLY_DATA, verr));
    assertEquals(0, verified(SystemGuest.READ_ONLY_DATA, verw));
    assertEquals(ZF, verified(SystemGuest.KERNEL_DATA, verw));
    assertEquals(0, verified(SystemGuest.EXECUTE_ONLY_CODE, verr));
    assertEquals(0, verified(SystemGuest.KERNEL_CODE, verw));
    assertEquals(0, verified(EntryStates.TASK_SELECTOR, verr));
  }

  @Test
  void aTaskRegisterMakesItsTaskBusy() {
    LongMode code = longMode().mov(RBX, SystemGuest.OTHER_TASK).bytes(0x0F, 0x00, 0xDB);
    code.bytes(0x0F, 0x00, 0xC8).label("it").bytes(0x0F, 0x00, 0xDB); // str eax; ltr again
    SystemGuest guest = system(end(code));
    Trap trap = guest.fault(SystemGuest.GP, SystemGuest.OTHER_TASK, code.addressOf("it"));
    assertEquals(SystemGuest.OTHER_TASK, trap.registers().rax());
    assertEquals(0x8B, guest.get(EntryStates.GDT + SystemGuest.OTHER_TASK) >>> 40 & 0xFF);
  }

  @Test
  void tablesAreStoredAsTheyWereLoaded() {
    LongMode code = longMode().mov(RBX, PayloadGuest.DATA);
    code.bytes(0x0F, 0x01, 0x03).bytes(0x0F, 0x01, 0x4B, 0x10); // sgdt [rbx]; sidt [rbx + 16]
    code.bytes(0x0F, 0x01, 0x13).mov(R12, 1); // lgdt [rbx]
    SystemGuest guest = system(end(code));
    guest.end();
    int gdt = SystemGuest.GDT_BYTES - 1;
    assertEquals((long) EntryStates.GDT << 16 | gdt, guest.get(PayloadGuest.DATA));
    assertEquals((long) EntryStates.IDT << 16 | 0xFFF, guest.get(PayloadGuest.DATA + 16));
  }

  @Test
  @Tag(BEYOND_TCG)
  void aTableThatIsNotCanonicalIsRefused() {
    LongMode code = longMode().mov(RBX, PayloadGuest.DATA).label("it").bytes(0x0F, 0x01, 0x13);
    SystemGuest guest = system(end(code)).put(PayloadGuest.DATA + 2, NOT_CANONICAL);
    guest.fault(SystemGuest.GP, 0, code.addressOf("it"));
  }
}
