package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.Doorbell;
import org.junit.jupiter.api.Test;

/// A connected store rings and does not exit; where an engine has no such thing, it says so and the
/// store exits.
public abstract class DoorbellContract extends EngineContract {
  private static final long BELL = PayloadGuest.NOWHERE;

  /// For ever: a store of `size` bytes at the doorbell's address, an `OUT`.
  private PayloadGuest knocking(int size) {
    return guest(
        longMode()
            .mov(RBX, BELL)
            .mov(RCX, 3)
            .label("again")
            .store(size, RBX, 0, RCX)
            .outAl(0x10)
            .jmp("again"));
  }

  private static void assertRings(PayloadGuest guest, boolean connected, Doorbell bell, int size) {
    if (!connected) {
      assertEquals(new VmExit.MmioWrite(BELL, size, 3), guest.run());
      bell.ring();
    }
    guest.runToOut(0x10);
    assertTrue(bell.await(0), "rung");
    assertFalse(bell.await(0), "once");
  }

  private static void assertExits(PayloadGuest guest, Doorbell bell, int size) {
    assertEquals(new VmExit.MmioWrite(BELL, size, 3), guest.run());
    guest.runToOut(0x10);
    assertFalse(bell.await(0), "silent");
  }

  @Test
  void aConnectedStoreRingsWithoutAnExit() {
    for (int size : new int[] {1, 2, 4, 8}) {
      PayloadGuest guest = knocking(size);
      Doorbell bell = own(guest.vm().createDoorbell());
      boolean connected = guest.vm().connect(bell, BELL, size);
      assertRings(guest, connected, bell, size);
      assertRings(guest, connected, bell, size);
    }
  }

  @Test
  void afterDisconnectTheStoreExits() {
    PayloadGuest guest = knocking(2);
    Doorbell bell = own(guest.vm().createDoorbell());
    boolean connected = guest.vm().connect(bell, BELL, 2);
    assertRings(guest, connected, bell, 2);
    guest.vm().disconnect(bell, BELL, 2);
    assertExits(guest, bell, 2);
    guest.vm().disconnect(bell, BELL, 2); // not connected: no effect
    assertRings(guest, guest.vm().connect(bell, BELL, 2), bell, 2);
  }

  @Test
  void aStoreOfAnotherWidthExits() {
    PayloadGuest guest = knocking(4);
    Doorbell bell = own(guest.vm().createDoorbell());
    guest.vm().connect(bell, BELL, 2);
    assertExits(guest, bell, 4);
  }

  @Test
  void sizeZeroMeansAnyWidth() {
    for (int size : new int[] {1, 2, 4, 8}) {
      PayloadGuest guest = knocking(size);
      Doorbell bell = own(guest.vm().createDoorbell());
      assertRings(guest, guest.vm().connect(bell, BELL, 0), bell, size);
    }
  }

  @Test
  void theNeighboursAddressIsAnotherDoorbell() {
    PayloadGuest guest = knocking(2);
    Doorbell ours = own(guest.vm().createDoorbell());
    Doorbell neighbour = own(guest.vm().createDoorbell());
    guest.vm().connect(neighbour, BELL + 4, 2);
    assertRings(guest, guest.vm().connect(ours, BELL, 2), ours, 2);
    assertFalse(neighbour.await(0));
  }

  @Test
  void ringsByHandAreKeptUntilSomebodyWaits() {
    PayloadGuest guest = knocking(2);
    Doorbell bell = own(guest.vm().createDoorbell());
    assertFalse(bell.await(0));
    bell.ring();
    bell.ring();
    assertTrue(bell.await(-1));
    assertFalse(bell.await(1_000_000), "many rings are one");
    PayloadGuest.later(20, bell::ring);
    assertTrue(bell.await(-1));
  }

  @Test
  void aLoadFromADoorbellExits() {
    PayloadGuest guest = guest(longMode().mov(RBX, BELL).load(2, RCX, RBX, 0).outAl(0x10));
    Doorbell bell = own(guest.vm().createDoorbell());
    guest.vm().connect(bell, BELL, 2);
    assertInstanceOf(VmExit.MmioRead.class, guest.run());
    assertFalse(bell.await(0));
  }
}
