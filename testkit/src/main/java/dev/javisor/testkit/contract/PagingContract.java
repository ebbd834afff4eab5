package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDX;
import static dev.javisor.testkit.asm.Register.RSI;
import static dev.javisor.testkit.contract.SystemGuest.WINDOW;
import static dev.javisor.testkit.contract.SystemGuest.windowPage;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Four-level paging (SDM 3A, 5.5 to 5.8) and what may be remembered of it (5.10).
public abstract class PagingContract extends SystemContract {
  private static final int PRESENT = 1;
  private static final int WRITABLE = 2;
  private static final int OPEN = 4;
  private static final int ACCESSED = 1 << 5;
  private static final int DIRTY = 1 << 6;
  private static final int LARGE = 1 << 7;
  private static final int GLOBAL = 1 << 8;
  private static final long NO_EXECUTE = 1L << 63;
  private static final int RESERVED = 1 << 3;
  private static final int FETCH = 1 << 4;

  private static final int FRAME = 0x50000;
  private static final int OTHER_FRAME = 0x51000;
  private static final int EFER = 0xC000_0080;

  /// Where nothing is mapped, by the level whose entry says so.
  private static final long[] NOWHERE = {
    windowPage(9), WINDOW + 0x20_0000L * 9, WINDOW + 0x4000_0000L * 9, 0x80_0000_0000L * 9
  };

  /// Loads a byte at each of `addresses`, labels `load0` and so on.
  private static LongMode loads(LongMode code, long... addresses) {
    for (int i = 0; i < addresses.length; i++) {
      code.mov(RBX, addresses[i]).label("load" + i).load(1, RAX, RBX, 0).label("after" + i);
    }
    return end(code);
  }

  /// Stores AL at each of `addresses`.
  private static LongMode stores(LongMode code, long... addresses) {
    for (int i = 0; i < addresses.length; i++) {
      code.mov(RBX, addresses[i]).label("load" + i).store(1, RBX, 0, RAX).label("after" + i);
    }
    return end(code);
  }

  /// Every access of `code` is a page fault with `errorCode`.
  private static void assertFaults(
      SystemGuest guest, LongMode code, long errorCode, long... addresses) {
    for (int i = 0; i < addresses.length; i++) {
      Trap trap = guest.fault(SystemGuest.PF, errorCode, code.addressOf("load" + i));
      assertEquals(Long.toHexString(addresses[i]), Long.toHexString(trap.cr2()), "CR2");
      trap.resumeAt(code.addressOf("after" + i));
    }
    guest.end();
  }

  @Test
  void aReadOfWhatIsNotThereNamesItsAddressAtEachLevel() {
    LongMode code = loads(longMode(), NOWHERE);
    assertFaults(system(code), code, 0, NOWHERE);
  }

  @Test
  void aWriteToWhatIsNotThereSaysSoAtEachLevel() {
    LongMode code = stores(longMode(), NOWHERE);
    assertFaults(system(code), code, WRITE, NOWHERE);
  }

  @Test
  void aUserWhoMissesAPageIsNamed() {
    LongMode code = loads(longMode(), NOWHERE);
    SystemGuest guest = user(code).page(9, 0);
    for (int i = 0; i < NOWHERE.length; i++) {
      guest
          .fault(SystemGuest.PF, USER, code.addressOf("load" + i))
          .resumeAt(code.addressOf("after" + i));
    }
    guest.fault(SystemGuest.GP, 0, code.addressOf("end")); // no ports for users
  }

  @Test
  @Tag(BEYOND_TCG)
  void bitsThatMustBeZeroFaultAtEachLevel() {
    long[] addresses = {
      0x80_0000_0000L, // bit 7 of level 4
      WINDOW + 0x4000_0000L, // bit 13 of a 1 GiB page
      WINDOW + 0x20_0000L // bit 13 of a 2 MiB page
    };
    LongMode code = loads(longMode(), addresses);
    SystemGuest guest =
        system(code)
            .put(SystemGuest.LEVEL_4 + 8, SystemGuest.LEVEL_3 | 7 | LARGE)
            .put(SystemGuest.LEVEL_3 + 8 * 65, 7 | LARGE | 1 << 13)
            .put(SystemGuest.LEVEL_2 + 8, 7 | LARGE | 1 << 13);
    assertFaults(guest, code, RESERVED | PRESENT, addresses);
  }

  @Test
  @Tag(BEYOND_TCG)
  void theNoExecuteBitIsReservedWhereEferDoesNotAllowIt() {
    LongMode code = longMode().wrmsr(EFER, 1 << 8 | 1 << 10); // no NXE
    stores(code, windowPage(1));
    SystemGuest guest = system(code).page(1, FRAME | WRITABLE | PRESENT | NO_EXECUTE);
    assertFaults(guest, code, RESERVED | WRITE | PRESENT, windowPage(1));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void pagesOfAllSizesLeadToTheirFrames() {
    long[] addresses = {
      windowPage(1) + 0x123, WINDOW + 0x20_0000L + FRAME + 0x123, WINDOW + 0x4000_0000L + FRAME
    };
    LongMode code = longMode();
    for (long address : addresses) {
      code.mov(RBX, address).load(1, RAX, RBX, 0).outAl(0x11);
    }
    SystemGuest guest =
        system(end(code))
            .page(1, FRAME | PRESENT)
            .put(SystemGuest.LEVEL_2 + 8, LARGE | PRESENT)
            .put(SystemGuest.LEVEL_3 + 8 * 65, LARGE | PRESENT)
            .put(FRAME + 0x123, 0x5A)
            .put(FRAME, 0x6B);
    assertEquals(0x5A, guest.runToOut(0x11));
    assertEquals(0x5A, guest.runToOut(0x11));
    assertEquals(0x6B, guest.runToOut(0x11));
  }

  @Test
  void aPageMarkedSoCannotBeExecuted() {
    LongMode code = longMode().mov(RBX, windowPage(1)).jmp(RBX);
    SystemGuest guest = system(code).page(1, FRAME | PRESENT | NO_EXECUTE);
    Trap trap = guest.fault(SystemGuest.PF, FETCH | PRESENT, windowPage(1));
    assertEquals(windowPage(1), trap.cr2());
  }

  @Test
  void aFetchFromNowhereIsToldApart() {
    LongMode code = longMode().mov(RBX, windowPage(9) + 5).jmp(RBX);
    Trap trap = system(code).fault(SystemGuest.PF, FETCH, windowPage(9) + 5);
    assertEquals(windowPage(9) + 5, trap.cr2());
  }

  @Test
  void anInstructionAcrossTwoPagesFaultsAtTheSecond() {
    LongMode code = longMode().mov(RBX, windowPage(1) + 0xFFE).jmp(RBX);
    SystemGuest guest = system(code).page(1, FRAME | PRESENT);
    guest.machine().put(FRAME + 0xFFE, new byte[] {0x66, (byte) 0xB8}); // mov ax, 0x1234
    Trap trap = guest.fault(SystemGuest.PF, FETCH, windowPage(1) + 0xFFE);
    assertEquals(windowPage(2), trap.cr2());
    byte[] rest = {0x34, 0x12, (byte) 0xE7, 0x11}; // out 0x11, eax
    guest.machine().put(OTHER_FRAME, rest);
    guest.page(2, OTHER_FRAME | PRESENT);
    assertEquals(0x1234, guest.runToOut(0x11) & 0xFFFF);
  }

  @Test
  void theSupervisorWritesReadOnlyPagesUntilToldNotTo() {
    LongMode code = longMode().mov(RBX, windowPage(1)).mov(RAX, 0x77).store(1, RBX, 0, RAX);
    code.fromControl(0, RCX).mov(RDX, 1 << 16).bytes(0x48, 0x09, 0xD1); // or rcx, rdx
    code.toControl(0, RCX);
    SystemGuest guest = system(stores(code, windowPage(1))).page(1, FRAME | PRESENT);
    assertFaults(guest, code, WRITE | PRESENT, windowPage(1));
    assertEquals(0x77, guest.machine().ramByte(FRAME));
  }

  @Test
  void usersStayOutOfSupervisorPages() {
    LongMode code = loads(longMode(), windowPage(1));
    SystemGuest guest = user(code).page(1, FRAME | WRITABLE | PRESENT);
    guest.fault(SystemGuest.PF, USER | PRESENT, code.addressOf("load0"));
  }

  @Test
  void usersStayOutOfPagesWhoseTableIsTheSupervisors() {
    LongMode code = loads(longMode(), windowPage(1));
    SystemGuest guest = user(code).page(1, FRAME | WRITABLE | OPEN | PRESENT);
    guest.put(SystemGuest.LEVEL_2, SystemGuest.LEVEL_1 | WRITABLE | PRESENT);
    guest.fault(SystemGuest.PF, USER | PRESENT, code.addressOf("load0"));
  }

  @Test
  void aTableMarkedSoHasNoCode() {
    LongMode code = longMode().mov(RBX, windowPage(1)).jmp(RBX);
    SystemGuest guest = system(code).page(1, FRAME | PRESENT);
    guest.put(SystemGuest.LEVEL_2, SystemGuest.LEVEL_1 | PRESENT | NO_EXECUTE);
    guest.fault(SystemGuest.PF, FETCH | PRESENT, windowPage(1));
  }

  @Test
  void usersDoNotWriteWhereAnyLevelForbidsIt() {
    LongMode code = stores(longMode(), windowPage(1), WINDOW + 0x20_0000L + FRAME);
    SystemGuest guest =
        user(code)
            .page(1, FRAME | WRITABLE | OPEN | PRESENT)
            .put(SystemGuest.LEVEL_2, SystemGuest.LEVEL_1 | OPEN | PRESENT)
            .put(SystemGuest.LEVEL_2 + 8, LARGE | OPEN | PRESENT);
    guest
        .fault(SystemGuest.PF, WRITE | USER | PRESENT, code.addressOf("load0"))
        .resumeAt(code.addressOf("after0"));
    guest.fault(SystemGuest.PF, WRITE | USER | PRESENT, code.addressOf("load1"));
  }

  @Test
  void aReadMarksThePageAccessedAndAWriteDirty() {
    LongMode code = longMode().mov(RBX, windowPage(1)).load(1, RAX, RBX, 0).outAl(0x11);
    SystemGuest guest = system(end(code.store(1, RBX, 0, RAX)));
    guest.page(1, FRAME | WRITABLE | PRESENT);
    guest.runToOut(0x11);
    assertEquals(FRAME | ACCESSED | WRITABLE | PRESENT, guest.pageEntry(1));
    assertEquals(ACCESSED, guest.get(SystemGuest.LEVEL_2) & (ACCESSED | DIRTY), "of the table");
    guest.end();
    assertEquals(FRAME | DIRTY | ACCESSED | WRITABLE | PRESENT, guest.pageEntry(1));
    assertEquals(ACCESSED, guest.get(SystemGuest.LEVEL_2) & (ACCESSED | DIRTY), "of the table");
  }

  @Test
  void largePagesAreMarkedToo() {
    long address = WINDOW + 0x20_0000L + FRAME;
    LongMode code = longMode().mov(RBX, address).load(1, RAX, RBX, 0).outAl(0x11);
    SystemGuest guest = system(end(code.store(1, RBX, 0, RAX)));
    guest.put(SystemGuest.LEVEL_2 + 8, LARGE | WRITABLE | PRESENT);
    guest.runToOut(0x11);
    assertEquals(ACCESSED | LARGE | WRITABLE | PRESENT, guest.get(SystemGuest.LEVEL_2 + 8));
    guest.end();
    assertEquals(DIRTY, guest.get(SystemGuest.LEVEL_2 + 8) & DIRTY);
  }

  @Test
  void aWriteThatIsRefusedDirtiesNothing() {
    LongMode code = stores(longMode(), windowPage(1));
    SystemGuest guest = user(code).page(1, FRAME | OPEN | PRESENT);
    guest.fault(SystemGuest.PF, WRITE | USER | PRESENT, code.addressOf("load0"));
    assertEquals(0, guest.pageEntry(1) & DIRTY);
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aStoreIntoAMissingPageChangesNothingBeforeIt() {
    LongMode code = longMode().mov(RBX, windowPage(1) + 0xFFC).mov(RAX, -1);
    code.label("store").store(8, RBX, 0, RAX);
    SystemGuest guest = system(end(code)).page(1, FRAME | WRITABLE | PRESENT);
    Trap trap = guest.fault(SystemGuest.PF, WRITE, code.addressOf("store"));
    assertEquals(windowPage(2), trap.cr2());
    assertEquals(0, guest.get(FRAME + 0xFF8));
    guest.page(2, OTHER_FRAME | WRITABLE | PRESENT);
    guest.end();
    assertEquals(-1L << 32, guest.get(FRAME + 0xFF8));
    assertEquals(0xFFFF_FFFFL, guest.get(OTHER_FRAME));
  }

  @Test
  void whatReadsAndWritesAsksForTheRightToWriteFirst() {
    LongMode code = longMode().mov(RBX, windowPage(1));
    code.label("load0").bytes(0x01, 0x03).label("after0"); // add [rbx], eax
    code.label("load1").bytes(0x87, 0x03).label("after1"); // xchg [rbx], eax
    code.mov(RAX, 5);
    code.label("load2").bytes(0x0F, 0xB1, 0x0B).label("after2"); // cmpxchg [rbx], ecx: unequal
    end(code);
    SystemGuest guest = user(code).page(1, FRAME | OPEN | PRESENT);
    for (int i = 0; i < 3; i++) {
      guest
          .fault(SystemGuest.PF, WRITE | USER | PRESENT, code.addressOf("load" + i))
          .resumeAt(code.addressOf("after" + i));
    }
  }

  /// Reads through page 1 of the window, has it lead elsewhere, does `flush`, reads again.
  private LongMode moved(int flags, LongMode flushed) {
    LongMode code = longMode().mov(RSI, SystemGuest.LEVEL_1 + 8).mov(RBX, windowPage(1));
    code.mov(RCX, OTHER_FRAME | flags);
    if ((flags & GLOBAL) != 0) {
      code.fromControl(4, RAX).bytes(0x0C, 0x80).toControl(4, RAX); // or al, PGE
    }
    code.load(1, RAX, RBX, 0).outAl(0x11).store(8, RSI, 0, RCX);
    for (byte b : flushed.assemble()) {
      code.bytes(b & 0xFF);
    }
    return end(code.load(1, RAX, RBX, 0).outAl(0x12));
  }

  private SystemGuest moving(int flags, LongMode flush) {
    SystemGuest guest = system(moved(flags, flush)).page(1, FRAME | flags);
    guest.put(FRAME, 1).put(OTHER_FRAME, 2);
    assertEquals(1, guest.runToOut(0x11));
    return guest;
  }

  /// What is read through page 1 after it has moved from a frame with a 1 to one with a 2.
  protected final long readAfterMove(boolean global, LongMode flush) {
    return moving(PRESENT | (global ? GLOBAL : 0), flush).runToOut(0x12);
  }

  protected static LongMode reloadCr3() {
    return new LongMode(0).fromControl(3, RAX).toControl(3, RAX);
  }

  @Test
  void invlpgDropsATranslation() {
    assertEquals(2, readAfterMove(false, new LongMode(0).invlpg(RBX)));
  }

  @Test
  void aLoadOfCr3DropsTranslations() {
    assertEquals(2, readAfterMove(false, reloadCr3()));
  }

  @Test
  void invlpgDropsGlobalTranslationsToo() {
    assertEquals(2, readAfterMove(true, new LongMode(0).invlpg(RBX)));
  }

  @Test
  void aChangeOfPgeDropsGlobalTranslations() {
    LongMode toggle =
        new LongMode(0)
            .fromControl(4, RAX)
            .bytes(0x34, 0x80) // xor al, PGE
            .toControl(4, RAX);
    assertEquals(2, readAfterMove(true, toggle));
  }

  @Test
  void invlpgAnywhereInALargePageDropsAllOfIt() {
    long large = WINDOW + 0x20_0000L;
    LongMode code = longMode().mov(RSI, SystemGuest.LEVEL_2 + 8).mov(RBX, large + FRAME);
    code.load(1, RAX, RBX, 0).load(1, RAX, RBX, 0x1000).outAl(0x11);
    code.mov(RCX, SystemGuest.LEVEL_1 | 7).store(8, RSI, 0, RCX); // a table in its place
    code.mov(RDX, large + 0x1F_0000L).invlpg(RDX);
    code.load(1, RAX, RBX, 0).outAl(0x12).load(1, RAX, RBX, 0x1000).outAl(0x12);
    SystemGuest guest = system(end(code)).put(SystemGuest.LEVEL_2 + 8, LARGE | PRESENT);
    guest.put(FRAME, 1).put(OTHER_FRAME, 2);
    guest.page(FRAME >> 12, OTHER_FRAME | PRESENT).page(OTHER_FRAME >> 12, FRAME | PRESENT);
    assertEquals(2, guest.runToOut(0x11));
    assertEquals(2, guest.runToOut(0x12));
    assertEquals(1, guest.runToOut(0x12));
  }

  @Test
  void aFaultIsDeliveredOnlyIfTheTablesStillSaySo() {
    // a page that becomes writable needs no INVLPG: a spurious fault would be taken
    LongMode code = longMode().mov(RSI, SystemGuest.LEVEL_1 + 8).mov(RBX, windowPage(1));
    code.fromControl(0, RCX).mov(RDX, 1 << 16).bytes(0x48, 0x09, 0xD1).toControl(0, RCX); // WP
    code.load(1, RAX, RBX, 0).mov(RCX, FRAME | WRITABLE | PRESENT).store(8, RSI, 0, RCX);
    code.label("store").store(1, RBX, 0, RAX);
    SystemGuest guest = system(end(code)).page(1, FRAME | PRESENT);
    guest.end();
  }
}
