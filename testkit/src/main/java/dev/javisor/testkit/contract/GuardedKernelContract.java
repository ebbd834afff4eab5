package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.contract.SystemGuest.windowPage;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import org.junit.jupiter.api.Test;

/// SMEP, SMAP and UMIP (SDM 3A, 2.5 and 5.6), of engines whose processor has them. Kernel memory is
/// a supervisor's here, the window a user's.
public abstract class GuardedKernelContract extends SystemContract {
  private static final int PRESENT = 1;
  private static final int WRITABLE = 2;
  private static final int OPEN = 4;
  private static final int FETCH = 1 << 4;
  private static final int FRAME = 0x50000;
  private static final long UMIP = 1 << 11;
  private static final long SMEP = 1 << 20;
  private static final long SMAP = 1 << 21;
  private static final long WP = 1 << 16;
  private static final long AC = 1 << 18;

  /// Free in the GDT, 16 bytes.
  private static final int LDT = SystemGuest.OTHER_TASK;

  /// The first descriptor of the LDT.
  private static final int LOCAL_DATA = 4;

  private static LongMode set(LongMode code, int register, long bits) {
    code.fromControl(register, RAX).mov(RCX, bits);
    return code.bytes(0x48, 0x09, 0xC8).toControl(register, RAX); // or rax, rcx
  }

  private static LongMode stac(LongMode code) {
    return code.bytes(0x0F, 0x01, 0xCB);
  }

  private static LongMode clac(LongMode code) {
    return code.bytes(0x0F, 0x01, 0xCA);
  }

  /// A guest whose low 4 GiB are closed to users; page 1 of the window is theirs, and page 2 not.
  private SystemGuest closed(LongMode code) {
    SystemGuest guest = system(end(code));
    for (int i = 0; i < 4; i++) {
      int entry = SystemGuest.LEVEL_3 + 8 * i;
      guest.put(entry, guest.get(entry) & ~(long) OPEN);
    }
    return guest
        .page(1, FRAME | OPEN | WRITABLE | PRESENT)
        .page(2, FRAME + 0x1000 | WRITABLE | PRESENT)
        .page(3, FRAME + 0x2000 | OPEN | PRESENT);
  }

  private static LongMode load(LongMode code, int page, String label) {
    code.mov(RBX, windowPage(page)).label(label).load(8, RAX, RBX, 0);
    return code.label("after " + label);
  }

  private static LongMode store(LongMode code, int page, String label) {
    code.mov(RBX, windowPage(page)).label(label).store(8, RBX, 0, RAX);
    return code.label("after " + label);
  }

  private static void faults(SystemGuest guest, LongMode code, String label, int errorCode) {
    guest
        .fault(SystemGuest.PF, errorCode, code.addressOf(label))
        .resumeAt(code.addressOf("after " + label));
  }

  @Test
  void smapKeepsTheKernelFromUsersPages() {
    LongMode code = load(store(longMode(), 1, "before"), 1, "warm");
    load(store(load(set(code, 4, SMAP), 1, "read"), 1, "write"), 2, "own");
    SystemGuest guest = closed(store(code, 2, "own write"));
    faults(guest, code, "read", PRESENT);
    faults(guest, code, "write", WRITE | PRESENT);
    guest.end();
  }

  @Test
  void stacOpensUsersPagesAndClacClosesThem() {
    LongMode code = load(stac(set(longMode(), 4, SMAP)), 1, "open");
    load(clac(store(code, 1, "open write")), 1, "closed");
    SystemGuest guest = closed(store(code, 1, "closed write"));
    faults(guest, code, "closed", PRESENT);
    faults(guest, code, "closed write", WRITE | PRESENT);
    assertEquals(0, guest.machine().vcpu().state().registers().rflags() & AC);
    guest.end();
  }

  @Test
  void anyWayToSetAcOpensUsersPages() {
    LongMode code = set(longMode(), 4, SMAP).push((int) AC | 2).popfq();
    load(code, 1, "open").push(2).popfq();
    SystemGuest guest = closed(load(code, 1, "closed"));
    faults(guest, code, "closed", PRESENT);
    guest.end();
  }

  @Test
  void writesToReadOnlyPagesDependOnWpWithSmapOpen() {
    LongMode code = store(stac(set(longMode(), 4, SMAP)), 3, "without");
    SystemGuest guest = closed(store(set(code, 0, WP), 3, "with"));
    faults(guest, code, "with", WRITE | PRESENT);
    guest.end();
  }

  /// A segment's descriptor is read by the processor itself, for which AC does not count.
  @Test
  void whatTheProcessorReadsByItselfIsNotOpened() {
    LongMode code = set(longMode(), 4, SMAP).mov(RAX, LDT).bytes(0x0F, 0x00, 0xD0); // lldt ax
    load(stac(code), 1, "explicit").mov(RAX, LOCAL_DATA);
    code.label("implicit").bytes(0x8E, 0xD8).label("after implicit"); // mov ds, eax
    SystemGuest guest = closed(code);
    long base = windowPage(1);
    guest.descriptor(LDT, 7 | (base & 0xFF_FFFF) << 16 | 0x82L << 40 | (base >>> 24 & 0xFF) << 56);
    guest.descriptor(LDT + 8, base >>> 32);
    guest.put(FRAME, 0x00CF_9300_0000_FFFFL);
    faults(guest, code, "implicit", PRESENT);
    guest.end();
  }

  @Test
  void smepKeepsTheKernelFromRunningUsersPages() {
    LongMode code = longMode().mov(RBX, windowPage(1)).call(RBX);
    stac(set(code, 4, SMEP | SMAP)).call(RBX);
    SystemGuest guest = closed(code);
    guest.put(FRAME, 0xC3); // ret
    Trap trap = guest.fault(SystemGuest.PF, FETCH | PRESENT, windowPage(1));
    assertEquals(Long.toHexString(windowPage(1)), Long.toHexString(trap.cr2()), "CR2");
    trap.resumeAt(code.addressOf("end"));
    guest.end();
  }

  @Test
  void usersRunTheirOwnPagesAndUseThem() {
    LongMode code = set(longMode(), 4, SMEP | SMAP).mov(RBX, windowPage(1));
    code.push(SystemGuest.USER_DATA).push(0).push(2).push(SystemGuest.USER_CODE).push(RBX);
    SystemGuest guest = closed(code.mov(RBX, windowPage(3)).iretq());
    guest.put(FRAME, 0x0B0F_038A); // mov al, [rbx]; ud2
    Trap trap = guest.fault(SystemGuest.UD, windowPage(1) + 2);
    assertEquals(SystemGuest.USER_CODE, trap.cs(), "CS");
  }

  @Test
  void umipHidesTheKernelsTables() {
    int[][] forms = {
      {0x0F, 0x01, 0x03}, // sgdt [rbx]
      {0x0F, 0x01, 0x0B}, // sidt [rbx]
      {0x0F, 0x00, 0xC0}, // sldt eax
      {0x0F, 0x00, 0xC8}, // str eax
      {0x0F, 0x01, 0xE0} // smsw eax
    };
    LongMode code = set(longMode().mov(RBX, PayloadGuest.DATA), 4, UMIP);
    for (int[] form : forms) {
      code.bytes(form);
    }
    toUser(code, "user", 0).label("user");
    for (int i = 0; i < forms.length; i++) {
      code.label("form" + i).bytes(forms[i]).label("after" + i);
    }
    SystemGuest guest = system(end(code));
    for (int i = 0; i < forms.length; i++) {
      guest
          .fault(SystemGuest.GP, 0, code.addressOf("form" + i))
          .resumeAt(code.addressOf("after" + i));
    }
    guest.fault(SystemGuest.GP, 0, code.addressOf("end")); // no ports for users
  }

  @Test
  void stacAndClacAreNotForUsers() {
    LongMode code = toUser(longMode(), "user", 0).label("user");
    stac(code).label("second");
    clac(code).label("third").bytes(0xF0, 0x0F, 0x01, 0xCB); // lock stac
    SystemGuest guest = system(end(code));
    guest.fault(SystemGuest.UD, code.addressOf("user")).resumeAt(code.addressOf("second"));
    guest.fault(SystemGuest.UD, code.addressOf("second")).resumeAt(code.addressOf("third"));
    guest.fault(SystemGuest.UD, code.addressOf("third"));
  }
}
