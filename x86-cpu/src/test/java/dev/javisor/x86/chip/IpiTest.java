package dev.javisor.x86.chip;

import static dev.javisor.x86.chip.Chips.serve;
import static dev.javisor.x86.chip.Chips.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who gets an inter-processor interrupt (SDM 3A, 11.6).
class IpiTest {
  private static final int LOGICAL = 1 << 11;
  private static final int SELF = 1 << 18;
  private static final int ALL = 2 << 18;
  private static final int OTHERS = 3 << 18;
  private static final int NMI = 0x400;
  private static final int INIT_ASSERT = 0xC500;
  private static final int INIT_DEASSERT = 0x8500;
  private static final int STARTUP = 0x600;
  private static final int LOWEST = 0x100;

  private final Chips chips = Chips.enabled(4);

  private void send(int sender, int low, int destination) {
    LocalApic apic = chips.apics.get(sender);
    write(apic, ApicRegisters.ICR_HIGH, destination << 24);
    write(apic, ApicRegisters.ICR_LOW, low);
  }

  private void send(int low, int destination) {
    send(0, low, destination);
  }

  /// Who had a vector to serve.
  private List<Integer> served() {
    List<Integer> who = new ArrayList<>();
    for (LocalApic apic : chips.apics) {
      if (serve(apic) > 0) {
        who.add(chips.apics.indexOf(apic));
      }
    }
    return who;
  }

  @Test
  void aPhysicalDestinationIsOneIdOrEveryone() {
    send(0x41, 2);
    assertEquals(List.of(2), served());
    send(0x41, 0);
    assertEquals(List.of(0), served(), "itself too");
    send(0x41, 0xFF);
    assertEquals(List.of(0, 1, 2, 3), served());
    send(0x41, 7);
    assertEquals(List.of(), served());
  }

  @Test
  void shorthandsNeedNoDestination() {
    send(1, 0x41 | SELF, 3);
    assertEquals(List.of(1), served());
    send(1, 0x41 | ALL, 3);
    assertEquals(List.of(0, 1, 2, 3), served());
    send(1, 0x41 | OTHERS, 3);
    assertEquals(List.of(0, 2, 3), served());
  }

  @Test
  void aFlatDestinationIsASetOfEight() {
    for (int id = 0; id < 4; id++) {
      write(chips.apics.get(id), ApicRegisters.LDR, 1 << id << 24);
    }
    send(0x41 | LOGICAL, 0b1010);
    assertEquals(List.of(1, 3), served());
    send(0x41 | LOGICAL, 0xF0);
    assertEquals(List.of(), served());
    send(0x41 | LOGICAL, 0xFF);
    assertEquals(List.of(0, 1, 2, 3), served());
  }

  @Test
  void aClusterDestinationIsASetOfFourInItsCluster() {
    int[] logicalIds = {0x11, 0x12, 0x21, 0x22};
    for (int id = 0; id < 4; id++) {
      write(chips.apics.get(id), ApicRegisters.DFR, 0);
      write(chips.apics.get(id), ApicRegisters.LDR, logicalIds[id] << 24);
    }
    send(0x41 | LOGICAL, 0x13);
    assertEquals(List.of(0, 1), served());
    send(0x41 | LOGICAL, 0x22);
    assertEquals(List.of(3), served());
    send(0x41 | LOGICAL, 0xFF);
    assertEquals(List.of(0, 1, 2, 3), served());
  }

  @Test
  void lowestPriorityGoesToOneWhoCanTakeIt() {
    write(chips.apics.get(1), ApicRegisters.SVR, 0xFF);
    send(0x40 | LOWEST, 0xFF);
    assertEquals(List.of(2), served(), "0x40 mod 3 of 0, 2 and 3");
    send(0x41 | LOWEST, 0xFF);
    assertEquals(List.of(3), served());
    send(0x41 | LOWEST, 1);
    assertEquals(List.of(), served());
  }

  @Test
  void initAndStartupReachProcessorsThatAreOffBySoftware() {
    write(chips.apics.get(1), ApicRegisters.SVR, 0xFF);
    send(INIT_ASSERT | OTHERS, 0);
    send(STARTUP | OTHERS | 0x9A, 0);
    send(INIT_DEASSERT | OTHERS, 0); // as old kernels do, for the APICs of a 486
    assertFalse(chips.apic().takeInit());
    assertEquals(-1, chips.apic().takeStartup());
    for (LocalApic apic : chips.apics.subList(1, 4)) {
      assertTrue(apic.attention());
      assertTrue(apic.takeInit());
      assertFalse(apic.takeInit());
      assertEquals(0x9A, apic.takeStartup());
    }
  }

  @Test
  void anNmiGoesToEveryOther() {
    send(NMI | OTHERS, 0);
    assertFalse(chips.apic().takeNmi());
    assertTrue(chips.apics.get(1).takeNmi());
    assertTrue(chips.apics.get(3).takeNmi());
  }

  @Test
  void whatTheManualCallsInvalidIsNotSent() {
    send(NMI | SELF, 0);
    send(INIT_ASSERT | SELF, 0);
    send(STARTUP | ALL | 1, 0);
    send(0x41 | LOWEST | OTHERS, 0);
    send(0x200 | OTHERS, 0); // SMI
    send(0x741, 1); // ExtINT
    for (LocalApic apic : chips.apics) {
      assertFalse(apic.takeNmi());
      assertFalse(apic.takeInit());
      assertEquals(-1, apic.takeStartup());
      assertEquals(-1, apic.deliverable());
    }
  }

  @Test
  void anIllegalVectorStaysWithItsSender() {
    send(0x0F, 2);
    assertEquals(List.of(), served());
    write(chips.apic(), ApicRegisters.ESR, 0);
    assertEquals(0x20, Chips.read(chips.apic(), ApicRegisters.ESR));
  }

  @Test
  void aDisabledApicIsNotOnTheBus() {
    LocalApic off = chips.apics.get(2);
    assertTrue(off.base(off.base() & ~ApicMode.ENABLE));
    send(NMI | OTHERS, 0);
    send(0x41, 0xFF);
    assertFalse(off.takeNmi());
    assertEquals(List.of(0, 1, 3), served());
  }

  @Test
  void x2apicsAreFoundByThirtyTwoBits() {
    Chips many = new Chips(20);
    for (LocalApic apic : many.apics) {
      write(apic, ApicRegisters.SVR, Chips.ENABLED);
      assertTrue(apic.base(apic.base() | ApicMode.EXTENDED));
    }
    LocalApic sender = many.apic();
    assertTrue(sender.writeMsr(0x830, 17L << 32 | 0x41));
    assertEquals(1, serve(many.apics.get(17)));
    assertTrue(sender.writeMsr(0x830, 0x1_0006L << 32 | LOGICAL | 0x41));
    assertEquals(1, serve(many.apics.get(17)), "cluster 1, members 1 and 2");
    assertEquals(1, serve(many.apics.get(18)));
    assertTrue(sender.writeMsr(0x830, 0x6L << 32 | LOGICAL | 0x41));
    assertEquals(0, serve(many.apics.get(17)), "cluster 0");
    assertEquals(1, serve(many.apics.get(2)));
    assertEquals(1, serve(many.apics.get(1)));
    assertTrue(sender.writeMsr(0x830, 0xFFFF_FFFFL << 32 | 0x41));
    for (LocalApic apic : many.apics) {
      assertEquals(1, serve(apic));
    }
    assertTrue(sender.writeMsr(0x830, 0xFFL << 32 | 0x41));
    for (LocalApic apic : many.apics) {
      assertEquals(0, serve(apic), "255 is an id like any other here");
    }
  }

  @Test
  void aSelfIpiComesBack() {
    Chips one = Chips.x2apic(1);
    assertTrue(one.apic().writeMsr(0x83F, 0x77));
    assertEquals(0x77, one.apic().acknowledge());
  }

  @Test
  void aClosedOneHasLeftTheBus() {
    chips.apics.get(3).close();
    send(NMI | OTHERS, 0);
    assertFalse(chips.apics.get(3).takeNmi());
    assertTrue(chips.apics.get(2).takeNmi());
  }
}
