package dev.javisor.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.hypervisor.VmExit;
import java.lang.foreign.ValueLayout;

/// A long-mode payload with all that privilege, exceptions and paging need: a GDT of segments of
/// many kinds, a TSS, gates for all 32 exceptions, and a window of linear addresses whose page
/// tables are the test's. Each exception's handler says so at a port, then goes back by IRETQ.
final class SystemGuest implements AutoCloseable {
  static final int KERNEL_CODE = 0x10;
  static final int KERNEL_DATA = 0x18;
  static final int USER_CODE_32 = 0x33;
  static final int USER_DATA = 0x3B;
  static final int USER_CODE = 0x43;
  static final int ABSENT_DATA = 0x48;
  static final int CONFORMING_CODE = 0x58;
  static final int READ_ONLY_DATA = 0x60;
  static final int KERNEL_CODE_32 = 0x68;
  static final int SMALL_DATA = 0x70;
  static final int EXECUTE_ONLY_CODE = 0x78;
  static final int OTHER_TASK = 0x80;
  static final int ABSENT_CODE = 0x90;
  static final int GDT_BYTES = 0xA0;

  /// The low 4 GiB are mapped to themselves, and open to user mode.
  static final long WINDOW = 0x10_0000_0000L;

  static final int LEVEL_4 = EntryStates.PAGE_TABLES;
  static final int LEVEL_3 = LEVEL_4 + 0x1000;
  static final int LEVEL_1 = 0x2C000;
  static final int LEVEL_2 = 0x2D000;

  static final int TASK = 0x2A000;
  static final int KERNEL_STACK = 0x36000;
  static final int USER_STACK = 0x3C000;
  static final int IST_STACK = 0x3E000;

  static final int DE = 0;
  static final int DB = 1;
  static final int BP = 3;
  static final int UD = 6;
  static final int NM = 7;
  static final int DF = 8;
  static final int TS = 10;
  static final int NP = 11;
  static final int SS = 12;
  static final int GP = 13;
  static final int PF = 14;

  /// At this port, plus its vector, an exception's handler is heard.
  private static final int EXCEPTIONS = 0xC0;

  private static final int STUBS = 0x2B000;
  private static final int STUB_BYTES = 16;
  private static final int HAVE_CODE = 0x0022_7D00;
  private static final int PAGE_BITS = 7;

  private final PayloadGuest guest;

  SystemGuest(Hypervisor hypervisor, LongMode code, boolean user) {
    guest = PayloadGuest.of(hypervisor, code);
    writeSegments();
    writeTask();
    writeHandlers();
    openToUsers();
    put(LEVEL_3 + 8 * 64, LEVEL_2 | PAGE_BITS);
    put(LEVEL_2, LEVEL_1 | PAGE_BITS);
    VcpuState state = guest.vcpu().state();
    Registers registers = Registers.at(code.origin());
    guest
        .vcpu()
        .state(
            state.entering(
                registers.withRsp(user ? USER_STACK : EntryStates.STACK),
                system(state.system(), user)));
  }

  private static SystemRegisters system(SystemRegisters s, boolean user) {
    Segment data = Segment.flat(USER_DATA, Segment.DATA_32 | 3 << 5);
    return new SystemRegisters(
        user ? Segment.flat(USER_CODE, Segment.CODE_64 | 3 << 5) : s.cs(),
        user ? data : s.ds(),
        user ? data : s.es(),
        user ? data : s.fs(),
        user ? data : s.gs(),
        user ? data : s.ss(),
        new Segment(TASK, 0x67, EntryStates.TASK_SELECTOR, Segment.TSS_BUSY),
        s.ldt(),
        new DescriptorTable(EntryStates.GDT, GDT_BYTES - 1),
        new DescriptorTable(EntryStates.IDT, 0xFFF),
        s.cr0(),
        0,
        s.cr3(),
        s.cr4(),
        0,
        s.efer() | 1, // SCE
        s.apicBase());
  }

  private void writeSegments() {
    descriptor(EntryStates.TASK_SELECTOR, 0x0000_8B02_A000_0067L);
    descriptor(USER_CODE_32, 0x00CF_FB00_0000_FFFFL);
    descriptor(USER_DATA, 0x00CF_F300_0000_FFFFL);
    descriptor(USER_CODE, 0x00AF_FB00_0000_FFFFL);
    descriptor(ABSENT_DATA, 0x00CF_1300_0000_FFFFL);
    descriptor(CONFORMING_CODE, 0x00AF_9F00_0000_FFFFL);
    descriptor(READ_ONLY_DATA, 0x00CF_9100_0000_FFFFL);
    descriptor(KERNEL_CODE_32, 0x00CF_9B00_0000_FFFFL);
    descriptor(SMALL_DATA, 0x0040_9304_0000_0FFFL); // 4 KiB from 0x40000 on
    descriptor(EXECUTE_ONLY_CODE, 0x00AF_9900_0000_FFFFL);
    descriptor(OTHER_TASK, 0x0000_8902_A000_003FL); // too short for IST 4
    descriptor(ABSENT_CODE, 0x00AF_1B00_0000_FFFFL);
  }

  void descriptor(int selector, long raw) {
    put(EntryStates.GDT + (selector & ~7), raw);
  }

  /// The 64-bit TSS (SDM 3A, 7.7): RSP0, IST1, and no I/O map.
  private void writeTask() {
    put(TASK + 4, KERNEL_STACK);
    put(TASK + 36, IST_STACK);
    guest.ram().set(ValueLayout.JAVA_SHORT_UNALIGNED, TASK + 102, (short) 0x68);
  }

  private void writeHandlers() {
    LongMode code = new LongMode(STUBS);
    for (int vector = 0; vector < 32; vector++) {
      gate(vector, STUBS + vector * STUB_BYTES, 0, 0);
      code.outAl(EXCEPTIONS + vector);
      if (hasCode(vector)) {
        code.bytes(0x48, 0x83, 0xC4, 0x08); // add rsp, 8
      } else {
        code.nop().nop().nop().nop();
      }
      code.iretq();
      for (int i = 0; i < STUB_BYTES - 8; i++) {
        code.nop();
      }
    }
    guest.put(STUBS, code.assemble());
  }

  private static boolean hasCode(int vector) {
    return (HAVE_CODE >>> vector & 1) != 0;
  }

  private void openToUsers() {
    for (int at = LEVEL_4; at < LEVEL_4 + 0x6000; at += 8) {
      if ((get(at) & 1) != 0) {
        put(at, get(at) | PAGE_BITS);
      }
    }
  }

  /// A 64-bit interrupt gate (SDM 3A, figure 6-8).
  SystemGuest gate(int vector, long handler, int dpl, int ist) {
    long low = handler & 0xFFFF | (long) KERNEL_CODE << 16 | (long) ist << 32;
    low |= (0x8EL | dpl << 5) << 40 | (handler & 0xFFFF_0000L) << 32;
    put(EntryStates.IDT + vector * 16, low);
    put(EntryStates.IDT + vector * 16 + 8, handler >>> 32);
    return this;
  }

  /// The same handler as ever, on the stack of IST 1.
  SystemGuest onOwnStack(int vector) {
    return gate(vector, STUBS + vector * STUB_BYTES, 0, 1);
  }

  /// Whoever delivers `vector` finds that its gate is not present.
  SystemGuest noGate(int vector) {
    put(EntryStates.IDT + vector * 16, 0x8EL << 40 ^ 0x80L << 40 | KERNEL_CODE << 16);
    return this;
  }

  /// Maps page `number` of the window.
  ///
  /// @param entry physical address and flags
  SystemGuest page(int number, long entry) {
    return put(LEVEL_1 + 8 * number, entry);
  }

  long pageEntry(int number) {
    return get(LEVEL_1 + 8 * number);
  }

  static long windowPage(int number) {
    return WINDOW + 0x1000L * number;
  }

  SystemGuest put(int gpa, long value) {
    guest.ram().set(ValueLayout.JAVA_LONG_UNALIGNED, gpa, value);
    return this;
  }

  long get(int gpa) {
    return guest.ram().get(ValueLayout.JAVA_LONG_UNALIGNED, gpa);
  }

  PayloadGuest machine() {
    return guest;
  }

  long runToOut(int port) {
    return guest.runToOut(port);
  }

  /// Runs to exception `vector`.
  Trap trap(int vector) {
    VmExit.PortOut out = guest.run(VmExit.PortOut.class);
    assertEquals(vector, out.port() - EXCEPTIONS, "vector");
    return Trap.of(guest, hasCode(vector));
  }

  /// Runs to exception `vector` with `errorCode`, raised by the instruction at `rip`.
  Trap fault(int vector, long errorCode, long rip) {
    Trap trap = trap(vector);
    assertEquals(errorCode, trap.errorCode(), "error code");
    assertEquals(Long.toHexString(rip), Long.toHexString(trap.rip()), "RIP");
    return trap;
  }

  /// The same, of exceptions without a code.
  Trap fault(int vector, long rip) {
    return fault(vector, -1, rip);
  }

  /// Runs to the end of the payload: port 0x10.
  Registers end() {
    guest.runToOut(END);
    return guest.vcpu().state().registers();
  }

  static final int END = 0x10;

  @Override
  public void close() {
    guest.close();
  }
}
