package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RSP;

import dev.javisor.testkit.asm.LongMode;
import org.junit.jupiter.api.Test;

/// Alignment checks: of users, with CR0.AM and RFLAGS.AC (SDM 3A, 7.15, interrupt 17).
public abstract class AlignmentContract extends SystemContract {
  private static final int ALIGNMENT_CHECK = 17;
  private static final long AM = 1 << 18;
  private static final long AC = 1 << 18;

  private static LongMode withChecks(LongMode code) {
    code.fromControl(0, RAX).mov(RCX, AM).bytes(0x48, 0x09, 0xC8); // or rax, rcx
    return code.toControl(0, RAX).mov(RBX, PayloadGuest.DATA);
  }

  /// Loads and stores of all sizes `by` bytes from an aligned address.
  private static LongMode accesses(LongMode code, int by) {
    for (int size = 8; size > by; size /= 2) {
      code.label("load" + size).load(size, RAX, RBX, by).label("after load" + size);
      code.label("store" + size).store(size, RBX, by, RAX).label("after store" + size);
    }
    return code;
  }

  private static void assertFaults(SystemGuest guest, LongMode code, String label) {
    guest
        .fault(ALIGNMENT_CHECK, 0, code.addressOf(label))
        .resumeAt(code.addressOf("after " + label));
  }

  @Test
  void aUsersAccessesAreCheckedOnRequest() {
    LongMode code = accesses(toUser(withChecks(longMode()), "user", AC).label("user"), 1);
    code.load(1, RAX, RBX, 1).store(8, RBX, 8, RAX).store(4, RBX, 4, RAX).store(2, RBX, 2, RAX);
    SystemGuest guest = system(end(code));
    for (int size = 8; size > 1; size /= 2) {
      assertFaults(guest, code, "load" + size);
      assertFaults(guest, code, "store" + size);
    }
    guest.fault(SystemGuest.GP, 0, code.addressOf("end")); // no ports for users
  }

  @Test
  void whatReadsAndWritesIsCheckedToo() {
    LongMode code = toUser(withChecks(longMode()), "user", AC).label("user");
    code.label("add").bytes(0x01, 0x43, 0x02).label("after add"); // add [rbx + 2], eax
    code.label("lock").bytes(0xF0, 0x01, 0x43, 0x02).label("after lock");
    code.label("copy").mov(RSP, PayloadGuest.DATA + 4).label("push").push(RAX).label("after push");
    SystemGuest guest = system(end(code));
    assertFaults(guest, code, "add");
    assertFaults(guest, code, "lock");
    assertFaults(guest, code, "push");
    guest.fault(SystemGuest.GP, 0, code.addressOf("end"));
  }

  @Test
  void nothingIsCheckedWithoutAc() {
    LongMode code = accesses(toUser(withChecks(longMode()), "user", 0).label("user"), 1);
    SystemGuest guest = system(end(code));
    guest.fault(SystemGuest.GP, 0, code.addressOf("end"));
  }

  @Test
  void nothingIsCheckedWithoutAm() {
    LongMode code = longMode().mov(RBX, PayloadGuest.DATA);
    accesses(toUser(code, "user", AC).label("user"), 1);
    SystemGuest guest = system(end(code));
    guest.fault(SystemGuest.GP, 0, code.addressOf("end"));
  }

  @Test
  void theKernelIsNotChecked() {
    LongMode code = withChecks(longMode()).push((int) AC | 2).popfq();
    system(end(accesses(code, 1))).end();
  }
}
