package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.vmm.hypervisor.VmExit;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Loads and stores where no RAM is exit with address, width and value.
public abstract class MmioContract extends EngineContract {
  private static final long VALUE = 0x8877_6655_4433_2211L;
  private static final int[] WIDTHS = {1, 2, 4, 8};

  @Test
  void storesOfEachWidthExitZeroExtended() {
    LongMode code = longMode().mov(RBX, PayloadGuest.NOWHERE).mov(RCX, VALUE);
    for (int width : WIDTHS) {
      code.store(width, RBX, width * 16, RCX);
    }
    PayloadGuest guest = guest(code.hlt());
    for (int width : WIDTHS) {
      VmExit.MmioWrite write = guest.run(VmExit.MmioWrite.class);
      assertEquals(PayloadGuest.NOWHERE + width * 16L, write.gpa());
      assertEquals(width, write.size());
      assertEquals(low(VALUE, width), write.value());
    }
  }

  @Test
  void loadsOfEachWidthGetTheirAnswer() {
    LongMode code = longMode().mov(RBX, PayloadGuest.NOWHERE);
    for (int width : WIDTHS) {
      code.mov(RCX, -1).load(width, RCX, RBX, width * 16).store(8, RBX, 0, RCX);
    }
    PayloadGuest guest = guest(code.hlt());
    for (int width : WIDTHS) {
      VmExit.MmioRead read = guest.run(VmExit.MmioRead.class);
      assertEquals(PayloadGuest.NOWHERE + width * 16L, read.gpa());
      assertEquals(width, read.size());
      guest.vcpu().answer(low(VALUE, width));
      assertEquals(low(VALUE, width), guest.run(VmExit.MmioWrite.class).value(), width + " bytes");
    }
  }

  private static long low(long value, int width) {
    int unused = 64 - width * 8;
    return value << unused >>> unused;
  }

  @Test
  void aStoreAcrossRamsEndGoesPartlyOut() {
    // the last two bytes of RAM and the first two behind it
    PayloadGuest guest =
        guest(
            longMode()
                .mov(RBX, PayloadGuest.RAM_BYTES - 2)
                .mov(RCX, 0x4433_2211L)
                .store(4, RBX, 0, RCX)
                .mov(RAX, 1)
                .outAl(0x10));
    VmExit.MmioWrite write = guest.run(VmExit.MmioWrite.class);
    assertEquals(PayloadGuest.RAM_BYTES, write.gpa());
    assertEquals(2, write.size());
    assertEquals(0x4433, write.value());
    assertEquals(1, guest.runToOut(0x10));
    assertEquals(0x11, guest.ramByte(PayloadGuest.RAM_BYTES - 2));
    assertEquals(0x22, guest.ramByte(PayloadGuest.RAM_BYTES - 1));
  }

  @Test
  @Tag(BEYOND_EMULATING_KVM)
  void aStoreOfSixteenBytesComesAsTwo() {
    PayloadGuest guest =
        guest(
            longMode()
                .mov(RBX, PayloadGuest.NOWHERE)
                .mov(RAX, VALUE)
                .movqXmm0Rax()
                .storeXmm0(RBX, 0)
                .outAl(0x10));
    assertEquals(new VmExit.MmioWrite(PayloadGuest.NOWHERE, 8, VALUE), guest.run());
    assertEquals(new VmExit.MmioWrite(PayloadGuest.NOWHERE + 8, 8, 0), guest.run());
    assertEquals(0x11, guest.runToOut(0x10));
  }

  @Test
  void addressesAboveFourGibibytesAreWhole() {
    // the last 2 MiB page of the map, pointed to where the physical address has 36 bits
    long far = 0xF_FFE0_0000L;
    PayloadGuest guest =
        guest(longMode().mov(RBX, 0xFFE0_0000L).mov(RCX, 5).store(4, RBX, 8, RCX).hlt());
    guest
        .ram()
        .set(ValueLayout.JAVA_LONG, EntryStates.PAGE_TABLES + 0x5000 + 511 * 8, far | 1 << 7 | 3);
    assertEquals(new VmExit.MmioWrite(far + 8, 4, 5), guest.run());
  }
}
