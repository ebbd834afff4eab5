package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RSP;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.ProtectedMode;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.hypervisor.VmExit;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Real-address and protected mode, and the ways between all modes (SDM 3A, 11.9; SDM 3B, 22.1).
public abstract class LegacyModeContract extends EngineContract {
  private static final int CODE_64 = 0x10;
  private static final int DATA = 0x18;
  private static final int CODE_32 = 0x20;
  private static final int CODE_16 = 0x28;
  private static final int DATA_16 = 0x30;
  private static final int SMALL = 0x38;
  private static final int DOWN = 0x40;
  private static final int READ_ONLY = 0x48;
  private static final int GDT_LIMIT = 0x4F;

  private static final int PROTECTED = 0x2000;
  private static final int LONG = 0x3000;
  private static final int BACK = 0x4000;
  private static final int SIXTEEN = 0x5000;
  private static final int REAL = 0x5800;
  private static final int TABLE_POINTER = 0x6000;

  private static final int SMALL_BASE = PayloadGuest.DATA;
  private static final int EXCEPTIONS = 0xC0;
  private static final int STUBS = 0x2B000;
  private static final int STUB_BYTES = 4;
  private static final int GP = 13;
  private static final int SS = 12;

  private static void segments(PayloadGuest guest) {
    long[] descriptors = {
      0x00CF_9B00_0000_FFFFL, // 32-bit code
      0x0000_9B00_0000_FFFFL, // 16-bit code
      0x0000_9300_0000_FFFFL, // 16-bit data
      0x0040_9304_0000_0FFFL, // 4 KiB from 0x40000 on
      0x0040_9704_0000_0FFFL, // the same base, expanding down to 4 KiB
      0x00CF_9100_0000_FFFFL // to be read only
    };
    for (int i = 0; i < descriptors.length; i++) {
      guest.ram().set(ValueLayout.JAVA_LONG, EntryStates.GDT + CODE_32 + 8L * i, descriptors[i]);
    }
    guest.ram().set(ValueLayout.JAVA_SHORT, TABLE_POINTER, (short) GDT_LIMIT);
    guest.ram().set(ValueLayout.JAVA_INT_UNALIGNED, TABLE_POINTER + 2, EntryStates.GDT);
  }

  // ---------------------------------------------------------------- from mode to mode

  /// To protected mode, as the trampoline of a second processor does.
  private static RealMode start() {
    RealMode code = new RealMode(PayloadGuest.REAL_CODE).cli();
    code.bytes(0x66, 0x0F, 0x01, 0x16).little(TABLE_POINTER, 2); // lgdt [TABLE_POINTER]
    code.bytes(0x0F, 0x20, 0xC0, 0x0C, 0x01, 0x0F, 0x22, 0xC0); // cr0 |= PE
    return code.bytes(0x66, 0xEA).little(PROTECTED, 4).little(CODE_32, 2); // jmp far
  }

  /// Protected mode, then compatibility mode, then 64-bit mode.
  private static ProtectedMode upwards() {
    ProtectedMode code = new ProtectedMode(PROTECTED).mov(RAX, DATA);
    code.bytes(0x8E, 0xD8, 0x8E, 0xD0).movAl(1).outAl(0x10); // ds, ss
    code.bytes(0x0F, 0x20, 0xE0, 0x0C, 0x20, 0x0F, 0x22, 0xE0); // cr4 |= PAE
    code.mov(RAX, EntryStates.PAGE_TABLES).bytes(0x0F, 0x22, 0xD8); // cr3
    code.mov(RCX, 0xC000_0080).bytes(0x0F, 0x32, 0x0F, 0xBA, 0xE8, 8, 0x0F, 0x30); // LME
    code.bytes(0x0F, 0x20, 0xC0, 0x0F, 0xBA, 0xE8, 31, 0x0F, 0x22, 0xC0); // cr0 |= PG
    return code.movAl(2).outAl(0x10).jmpFar(CODE_64, LONG);
  }

  private static LongMode atTheTop() {
    LongMode code = new LongMode(LONG).mov(RSP, 0x7000).mov(RAX, 3).outAl(0x10);
    return code.push(CODE_32).push(BACK).bytes(0x48, 0xCB); // retfq
  }

  private static ProtectedMode downwards() {
    ProtectedMode code = new ProtectedMode(BACK);
    code.bytes(0x0F, 0x20, 0xC0, 0x0F, 0xBA, 0xF0, 31, 0x0F, 0x22, 0xC0); // cr0 &= ~PG
    code.movAl(4).outAl(0x10);
    code.mov(RCX, 0xC000_0080).bytes(0x0F, 0x32, 0x0F, 0xBA, 0xF0, 8, 0x0F, 0x30); // no LME
    return code.jmpFar(CODE_16, SIXTEEN);
  }

  private static RealMode toTheGround() {
    RealMode code = new RealMode(SIXTEEN).movAx(DATA_16).bytes(0x8E, 0xD8, 0x8E, 0xD0); // ds, ss
    code.movAl(5).outAl(0x10).bytes(0x0F, 0x20, 0xC0, 0x24, 0xFE, 0x0F, 0x22, 0xC0); // no PE
    return code.bytes(0xEA).little(REAL, 2).little(0, 2); // jmp far
  }

  private PayloadGuest climber() {
    PayloadGuest guest = guest(start());
    EntryStates.writeTables(guest.ram());
    segments(guest);
    guest.put(PROTECTED, upwards().assemble());
    guest.put(LONG, atTheTop().assemble());
    guest.put(BACK, downwards().assemble());
    guest.put(SIXTEEN, toTheGround().assemble());
    RealMode real = new RealMode(REAL).movAx(0x2345).bytes(0x8E, 0xD8).movAl(6).outAl(0x10);
    guest.put(REAL, real.label("rest").jmp("rest").assemble());
    return guest;
  }

  @Test
  void aProcessorClimbsFromRealModeToLongModeAndBack() {
    PayloadGuest guest = climber();
    long longActive = 1 << 10;
    for (int stage = 1; stage <= 6; stage++) {
      assertEquals(stage, guest.runToOut(0x10));
      SystemRegisters now = guest.vcpu().state().system();
      boolean isLong = stage == 2 || stage == 3;
      assertEquals(isLong ? longActive : 0, now.efer() & longActive, "stage " + stage);
      assertEquals(stage < 6 ? 1 : 0, now.cr0() & 1);
    }
    SystemRegisters end = guest.vcpu().state().system();
    assertEquals(0x23450, end.ds().base());
    assertEquals(0xFFFF, end.ds().limit());
  }

  // ---------------------------------------------------------------- protected mode

  private static ProtectedMode protectedMode() {
    return new ProtectedMode(PROTECTED);
  }

  /// About to run `code` in protected mode without paging; exceptions are heard at their ports.
  private PayloadGuest guest(ProtectedMode code) {
    PayloadGuest guest = own(new PayloadGuest(hypervisor(), 1));
    guest.put(code.origin(), code.assemble());
    EntryStates.writeTables(guest.ram());
    segments(guest);
    for (int vector = 0; vector < 32; vector++) {
      int stub = STUBS + vector * STUB_BYTES;
      byte[] bytes = {(byte) 0xE6, (byte) (EXCEPTIONS + vector), (byte) 0xEB, (byte) 0xFE};
      guest.put(stub, bytes);
      long gate = stub & 0xFFFF | CODE_32 << 16 | 0x8EL << 40 | (long) (stub >> 16) << 48;
      guest.ram().set(ValueLayout.JAVA_LONG, EntryStates.IDT + 8L * vector, gate);
    }
    Registers registers = Registers.at(code.origin()).withRsp(EntryStates.STACK);
    VcpuState state = guest.vcpu().state();
    guest.vcpu().state(state.entering(registers, flat(state.system())));
    return guest;
  }

  private static SystemRegisters flat(SystemRegisters s) {
    Segment data = Segment.flat(DATA, Segment.DATA_32);
    return new SystemRegisters(
        Segment.flat(CODE_32, Segment.CODE_32),
        data,
        data,
        data,
        data,
        data,
        s.tr(),
        s.ldt(),
        new DescriptorTable(EntryStates.GDT, GDT_LIMIT),
        new DescriptorTable(EntryStates.IDT, 0xFF),
        1 << 4 | 1,
        0,
        0,
        0,
        0,
        0,
        s.apicBase());
  }

  /// What the handler of `vector` finds on its stack.
  private static int[] fault(PayloadGuest guest, int vector) {
    VmExit.PortOut out = guest.run(VmExit.PortOut.class);
    assertEquals(vector, out.port() - EXCEPTIONS, "vector");
    VcpuState state = guest.vcpu().state();
    long at = state.system().ss().base() + (state.registers().rsp() & 0xFFFF_FFFFL);
    int[] words = new int[4];
    for (int i = 0; i < words.length; i++) {
      words[i] = guest.ram().get(ValueLayout.JAVA_INT_UNALIGNED, at + 4L * i);
    }
    return words;
  }

  /// A fault of `vector` with `code` by the instruction at `it`.
  private static void assertFault(PayloadGuest guest, ProtectedMode code, int vector) {
    int[] words = fault(guest, vector);
    assertEquals(0, words[0], "error code");
    assertEquals(code.addressOf("it"), words[1], "EIP");
    assertEquals(CODE_32, words[2], "CS");
  }

  /// DS is `selector`, then `bytes` at EBX = `offset`.
  private ProtectedMode with(int selector, int offset, int... bytes) {
    ProtectedMode code = protectedMode().mov(RAX, selector).bytes(0x8E, 0xD8).mov(RBX, offset);
    return code.label("it").bytes(bytes).movAl(7).outAl(0x10);
  }

  @Test
  void theLastBytesOfASegmentAreThere() {
    PayloadGuest guest = guest(with(SMALL, 0xFFC, 0xC7, 0x03, 1, 2, 3, 4)); // mov dword [ebx], i
    assertEquals(7, guest.runToOut(0x10));
    assertEquals(4, guest.ramByte(SMALL_BASE + 0xFFF));
  }

  @Test
  @Tag(BEYOND_TCG)
  void anAccessBeyondTheLimitIsAGeneralProtectionFault() {
    ProtectedMode code = with(SMALL, 0xFFD, 0xC7, 0x03, 1, 2, 3, 4);
    PayloadGuest guest = guest(code);
    assertFault(guest, code, GP);
    assertEquals(0, guest.ramByte(SMALL_BASE + 0xFFD));
  }

  @Test
  @Tag(BEYOND_TCG)
  void aSegmentThatExpandsDownIsThereAboveItsLimit() {
    assertEquals(7, guest(with(DOWN, 0x1000, 0x8A, 0x03)).runToOut(0x10)); // mov al, [ebx]
    ProtectedMode code = with(DOWN, 0xFFF, 0x8A, 0x03);
    assertFault(guest(code), code, GP);
  }

  @Test
  @Tag(BEYOND_TCG)
  void whatMayOnlyBeReadIsNotWritten() {
    ProtectedMode code = with(READ_ONLY, 0x7000, 0x88, 0x03); // mov [ebx], al
    assertFault(guest(code), code, GP);
    ProtectedMode other = with(DATA, 0x7000, 0x2E, 0x88, 0x03); // mov cs:[ebx], al
    assertFault(guest(other), other, GP);
  }

  @Test
  @Tag(BEYOND_TCG)
  void aNullSegmentIsOfNoUse() {
    ProtectedMode code = with(0, 0x7000, 0x8A, 0x03);
    assertFault(guest(code), code, GP);
  }

  /// SS is SMALL, ESP `pointer`.
  private ProtectedMode onSmallStack(int pointer, int... bytes) {
    ProtectedMode code = protectedMode().mov(RAX, SMALL).bytes(0x8E, 0xD0).mov(RSP, pointer);
    return code.label("it").bytes(bytes);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aStackBeyondItsLimitIsAStackFaultAndNothingIsPushed() {
    ProtectedMode code = onSmallStack(0x10, 0x60); // pushad, of 32 bytes
    PayloadGuest guest = guest(code);
    assertFault(guest, code, SS);
    assertEquals(0, guest.vcpu().state().registers().rsp(), "16 bytes, which were there");
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void enterBeyondTheStackChangesNothing() {
    ProtectedMode code = onSmallStack(0x14, 0xC8, 0x20, 0, 0); // enter 32, 0
    PayloadGuest guest = guest(code);
    assertFault(guest, code, SS);
    assertEquals(0, guest.vcpu().state().registers().rbp());
    assertEquals(4, guest.vcpu().state().registers().rsp());
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  @Tag(BEYOND_TCG)
  void aFarReturnFromBeyondTheStackIsAStackFault() {
    ProtectedMode code = onSmallStack(0xFFC, 0xCB); // retf: EIP is there, CS is not
    PayloadGuest guest = guest(code);
    assertFault(guest, code, SS);
    assertEquals(0xFFC - 16, guest.vcpu().state().registers().rsp());
  }

  @Test
  @Tag(BEYOND_TCG)
  void anExceptionWithoutRoomForItsFrameEndsInAShutdown() {
    PayloadGuest guest = guest(onSmallStack(8, 0x0F, 0x0B)); // ud2, whose frame has 12 bytes
    guest.run(VmExit.Shutdown.class);
    assertEquals(8, guest.vcpu().state().registers().rsp());
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aJumpBeyondTheCodeSegmentIsRefused() {
    ProtectedMode code = protectedMode();
    code.label("it").bytes(0xEA).little(0x1_0000, 4).little(CODE_16, 2);
    assertFault(guest(code), code, GP);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void intoAndBoundHaveTheirOwnVectors() {
    ProtectedMode into = protectedMode().bytes(0xB0, 0x7F, 0x04, 0x01, 0xCE).label("next");
    int[] words = fault(guest(into), 4); // mov al, 127; add al, 1; into
    assertEquals(into.addressOf("next"), words[0]);
    ProtectedMode bound = protectedMode().mov(RBX, PayloadGuest.DATA).mov(RAX, 5);
    bound.label("it").bytes(0x62, 0x03); // bound eax, [ebx]
    assertEquals(bound.addressOf("it"), fault(guest(bound), 5)[0]);
  }

  // ---------------------------------------------------------------- real mode

  private static void vector(PayloadGuest guest, int number, int handler) {
    guest.put(4 * number, new byte[] {(byte) handler, (byte) (handler >> 8), 0, 0});
  }

  @Test
  void realModeUses32BitAddressesWithinItsSegments() {
    RealMode code = realMode().bytes(0x66, 0xBB).little(0x7000, 4); // mov ebx, 0x7000
    code.bytes(0x67, 0x8A, 0x43, 0x01).outAl(0x10); // mov al, [ebx + 1]
    code.bytes(0x66, 0xBB).little(0x1_0000, 4).label("it").bytes(0x67, 0x8A, 0x03);
    code.label("handler").outAl(0x11);
    PayloadGuest guest = guest(code);
    vector(guest, GP, code.addressOf("handler"));
    guest.put(0x7001, new byte[] {0x55});
    assertEquals(0x55, guest.runToOut(0x10));
    guest.runToOut(0x11);
  }

  @Test
  @Tag(BEYOND_TCG)
  void aFaultInRealModePushesNoErrorCode() {
    RealMode code = realMode().movSp(0x7000).bytes(0x66, 0xBB).little(0x1_0000, 4);
    code.label("it").bytes(0x67, 0x8A, 0x03).label("handler").outAl(0x11);
    PayloadGuest guest = guest(code);
    vector(guest, GP, code.addressOf("handler"));
    guest.runToOut(0x11);
    assertEquals(0x7000 - 6, guest.vcpu().state().registers().rsp() & 0xFFFF);
    assertEquals(code.addressOf("it"), guest.ram().get(ValueLayout.JAVA_SHORT, 0x7000 - 6));
  }

  @Test
  void anInterruptInRealModeReturnsWithItsFlags() {
    RealMode code = realMode().movSp(0x7000).bytes(0xF9).bytes(0xCD, 0x50); // stc; int 0x50
    code.bytes(0x0F, 0x92, 0xC0).outAl(0x10); // setc al
    code.label("handler").bytes(0xF8).iret(); // clc
    PayloadGuest guest = guest(code);
    vector(guest, 0x50, code.addressOf("handler"));
    assertEquals(1, guest.runToOut(0x10));
  }

  @Test
  void aSegmentKeepsTheLimitThatProtectedModeGaveIt() {
    RealMode code = realMode().bytes(0x66, 0x0F, 0x01, 0x16).little(TABLE_POINTER, 2);
    code.bytes(0x0F, 0x20, 0xC0, 0x0C, 0x01, 0x0F, 0x22, 0xC0); // cr0 |= PE
    code.bytes(0xBB).little(DATA, 2).bytes(0x8E, 0xC3); // mov bx, DATA; mov es, bx
    code.bytes(0x24, 0xFE, 0x0F, 0x22, 0xC0); // and no PE
    code.bytes(0x66, 0xBB).little(PayloadGuest.DATA, 4).bytes(0x26, 0x67, 0x8A, 0x03).outAl(0x10);
    PayloadGuest guest = guest(code); // mov al, es:[ebx]
    EntryStates.writeTables(guest.ram());
    segments(guest);
    guest.put(PayloadGuest.DATA, new byte[] {0x5A});
    assertEquals(0x5A, guest.runToOut(0x10));
  }

  @Test
  void aStringWrapsAroundIn16Bits() {
    RealMode code = realMode().movDi(0xFFFE).movCx(4).movAl(0x77).cld();
    code.bytes(0xF3, 0xAA).outAl(0x10); // rep stosb
    PayloadGuest guest = guest(code);
    guest.runToOut(0x10);
    assertEquals(0x77, guest.ramByte(0xFFFF));
    assertEquals(0x77, guest.ramByte(1));
    assertEquals(2, guest.vcpu().state().registers().rdi());
  }
}
