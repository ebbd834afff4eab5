package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.memory.GuestRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/// RAM, read-only regions, and the log of what the guest wrote. The log's guests run in real mode:
/// with paging the processor's own accessed bits dirty the page tables.
public abstract class MemoryContract extends EngineContract {
  private static final int ROM = 0xC0000;

  /// Writes pages 5 and 7 twice, then page 7 alone, again and again, an `OUT` after each round.
  /// It has run its first round: a log may name a page that was only read for the first time.
  private PayloadGuest writer() {
    PayloadGuest guest =
        guest(
            realMode()
                .movAl(1)
                .storeAl(0x5000)
                .storeAl(0x7FFF)
                .outAl(0x10)
                .storeAl(0x5000)
                .storeAl(0x7FFF)
                .outAl(0x10)
                .label("again")
                .storeAl(0x7000)
                .outAl(0x10)
                .jmp("again"));
    guest.runToOut(0x10);
    return guest;
  }

  private static BitSet dirty(PayloadGuest guest) {
    return BitSet.valueOf(guest.vm().takeDirtyPages(guest.region()));
  }

  private static BitSet pages(int... pages) {
    BitSet set = new BitSet();
    for (int page : pages) {
      set.set(page);
    }
    return set;
  }

  @Test
  void theLogNamesExactlyThePagesWritten() {
    PayloadGuest guest = writer();
    guest.vm().logDirtyPages(guest.region(), true);
    assertEquals(pages(), dirty(guest), "nothing has run since");
    guest.runToOut(0x10);
    assertEquals(pages(5, 7), dirty(guest));
    assertEquals(pages(), dirty(guest), "asking clears");
    guest.runToOut(0x10);
    assertEquals(pages(7), dirty(guest));
  }

  @Test
  void theLogHasABitForEveryPage() {
    PayloadGuest guest = writer();
    guest.vm().logDirtyPages(guest.region(), true);
    assertEquals(
        PayloadGuest.RAM_BYTES / 4096 / 64, guest.vm().takeDirtyPages(guest.region()).length);
  }

  @Test
  void turningTheLogOnAgainClearsIt() {
    PayloadGuest guest = writer();
    guest.vm().logDirtyPages(guest.region(), true);
    guest.runToOut(0x10);
    guest.vm().logDirtyPages(guest.region(), true);
    assertEquals(pages(), dirty(guest));
    guest.runToOut(0x10);
    assertEquals(pages(7), dirty(guest), "and it still logs");
  }

  @Test
  void whatIsWrittenWhileTheLogIsOffIsNotInIt() {
    PayloadGuest guest = writer();
    guest.vm().logDirtyPages(guest.region(), true);
    guest.vm().logDirtyPages(guest.region(), false);
    guest.runToOut(0x10); // pages 5 and 7
    guest.vm().logDirtyPages(guest.region(), true);
    guest.runToOut(0x10);
    assertEquals(pages(7), dirty(guest));
  }

  @Test
  void theHostsOwnWritesAreNotTheGuests() {
    PayloadGuest guest = writer();
    guest.vm().logDirtyPages(guest.region(), true);
    guest.put(0x9000, new byte[] {1});
    guest.runToOut(0x10);
    assertEquals(pages(5, 7), dirty(guest));
  }

  @Test
  void aRegionThatIsNotMappedHasNoLog() {
    PayloadGuest guest = writer();
    GuestRegion other = new GuestRegion(0, Arena.ofAuto().allocate(4096, 4096), false);
    assertThrows(
        IllegalArgumentException.class, () -> guest.vm().logDirtyPages(other, true), "foreign");
  }

  @Test
  void readOnlyMemoryReadsFineAndItsStoresExit() {
    PayloadGuest guest =
        guest(
            longMode()
                .mov(RBX, ROM)
                .load(4, RAX, RBX, 16)
                .outEax(0x10)
                .mov(RAX, 0x99)
                .store(2, RBX, 16, RAX)
                .load(4, RAX, RBX, 16)
                .outEax(0x10));
    MemorySegment rom = guest.mapRom(ROM);
    rom.set(ValueLayout.JAVA_INT, 16, 0x1234_5678);
    assertEquals(0x1234_5678, guest.runToOut(0x10));
    assertEquals(new VmExit.MmioWrite(ROM + 16, 2, 0x99), guest.run());
    assertEquals(0x1234_5678, guest.runToOut(0x10));
    assertEquals(0x1234_5678, rom.get(ValueLayout.JAVA_INT, 16));
  }

  @Test
  void readOnlyMemoryCanBeRun() {
    PayloadGuest guest = guest(longMode().mov(RAX, ROM).bytes(0xFF, 0xE0)); // jmp rax
    byte[] code = longMode().movAl(0x42).outAl(0x10).assemble();
    guest.mapRom(ROM).asSlice(0, code.length).copyFrom(MemorySegment.ofArray(code));
    assertEquals(0x42, guest.runToOut(0x10));
  }
}
