package dev.javisor.devices.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javisor.testkit.fake.RecordingMachine;
import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Device;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PciHostTest {
  private final Arena arena = Arena.ofShared();
  private final PciMachine pci =
      new PciMachine(arena, true, new FakeVirtio(8, 8), new FakeVirtio(8));

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void enumerationFindsTheBridgeAndEachDevice() {
    List<String> found = new ArrayList<>();
    for (int slot = 0; slot < 32; slot++) {
      long id = pci.config(slot, 0, 4);
      assertEquals(id, pci.portConfig(0, slot, 0, 4), "both mechanisms agree");
      if (id != 0xFFFF_FFFFL) {
        assertEquals(0, pci.config(slot, 0x0E, 1), "one function, type 0");
        assertEquals(0, pci.config(slot, 0x3D, 1), "no INTx");
        found.add("%d: %08x %06x".formatted(slot, id, pci.config(slot, 8, 4) >>> 8));
      }
    }
    assertEquals(List.of("0: 00081b36 060000", "1: 10421af4 018000", "2: 10421af4 018000"), found);
    assertEquals(1, pci.config(1, 8, 1), "revision 1 and up is modern");
  }

  @Test
  void whatIsNotThereReadsAllOnes() {
    assertEquals(0xFFFF_FFFFL, pci.portConfig(1, 0, 0, 4), "another bus");
    assertEquals(0xFFFF_FFFFL, pci.mmio.read(PciMachine.ECAM + (1 << 15) + (1 << 12), 4));
    assertEquals(0xFF, pci.config(31, 0, 1));
    pci.ports.write(0xCF8, 4, 0);
    assertEquals(0xFFFF, pci.ports.read(0xCFC, 2), "not enabled");
  }

  @Test
  void configAddressIsADwordAndNothingElse() {
    pci.ports.write(0xCF8, 4, 0x8000_0803L);
    assertEquals(0x8000_0800L, pci.ports.read(0xCF8, 4));
    pci.ports.write(0xCF9, 1, 0x06);
    pci.ports.write(0xCF8, 2, 0);
    assertEquals(0x8000_0800L, pci.ports.read(0xCF8, 4));
    assertEquals(0x1042, pci.ports.read(0xCFE, 2));
    assertEquals(0xFFFF_FFFFL, pci.ports.read(0xCFE, 4), "crosses the register");
  }

  /// `__pci_read_base` with decoding off, and again with it left on.
  @Test
  void sizingABarNeverMovesIt() {
    long bar = PciMachine.assignedBar(1);
    for (boolean decoding : new boolean[] {false, true}) {
      pci.memoryDecoding(1, decoding);
      int connections = pci.vm.connections();
      assertEquals(bar, pci.config(1, PciMachine.BAR_0, 4));
      pci.config(1, PciMachine.BAR_0, 4, 0xFFFF_FFFFL);
      long mask = pci.config(1, PciMachine.BAR_0, 4);
      assertEquals(VirtioPciFunction.BAR_BYTES, -(int) mask);
      if (decoding) {
        assertEquals(2, pci.mmio.read(bar + 0x12, 2), "still there while being sized");
      }
      pci.config(1, PciMachine.BAR_0, 4, bar);
      assertEquals(bar, pci.config(1, PciMachine.BAR_0, 4));
      assertEquals(connections, pci.vm.connections());
    }
    for (int register = 0x14; register < 0x28; register += 4) {
      pci.config(1, register, 4, 0xFFFF_FFFFL);
      assertEquals(0, pci.config(1, register, 4), "no other BAR");
    }
    pci.config(1, 0x30, 4, 0xFFFF_FFFFL);
    assertEquals(0, pci.config(1, 0x30, 4), "no ROM");
  }

  @Test
  void memoryEnableOpensAndClosesTheBar() {
    long queues = PciMachine.assignedBar(1) + 0x12;
    assertEquals(0xFFFF, pci.mmio.read(queues, 2));
    pci.memoryDecoding(1, true);
    assertEquals(2, pci.mmio.read(queues, 2));
    pci.memoryDecoding(1, false);
    assertEquals(0xFFFF, pci.mmio.read(queues, 2));
  }

  @Test
  void aMovedBarAnswersAtItsNewPlaceOnly() {
    pci.memoryDecoding(1, true);
    pci.config(1, PciMachine.BAR_0, 4, 0xD000_0000L);
    assertEquals(2, pci.mmio.read(0xD000_0012L, 2));
    assertEquals(0xFFFF, pci.mmio.read(PciMachine.assignedBar(1) + 0x12, 2));
  }

  /// What describes a queue; not what has an effect of its own: status 0x14, queue_enable 0x1C,
  /// the vector table.
  @Test
  void storesThatMayWaitFollowTheBar() {
    assertEquals(List.of(), pci.vm.coalesced());
    pci.memoryDecoding(1, true);
    for (long bar : new long[] {PciMachine.assignedBar(1), 0xD000_0000L}) {
      pci.config(1, PciMachine.BAR_0, 4, bar);
      assertEquals(
          List.of(new AddressRange(bar + 0x16, 6), new AddressRange(bar + 0x20, 0x18)),
          pci.vm.coalesced());
    }
    pci.memoryDecoding(1, false);
    assertEquals(List.of(), pci.vm.coalesced());
  }

  @Test
  void aBarOutsideTheWindowsIsNotMapped() {
    pci.memoryDecoding(1, true);
    for (long gpa : new long[] {0, 0xFEE0_0000L, 0xE000_0000L, 0xDFFF_8000L + 0x8000}) {
      pci.config(1, PciMachine.BAR_0, 4, gpa);
      assertEquals(0xFFFF, pci.mmio.read(PciMachine.assignedBar(1) + 0x12, 2));
      assertEquals(0x0008_1B36, pci.config(0, 0, 4), "ECAM is untouched");
    }
  }

  @Test
  void ofTwoBarsInOnePlaceTheLowerSlotWins() {
    pci.start(1);
    pci.start(2);
    pci.config(2, PciMachine.BAR_0, 4, PciMachine.assignedBar(1));
    assertEquals(
        List.of(pci.notifyAddress(1, 0), pci.notifyAddress(1, 1)),
        pci.vm.connectedAt(),
        "and has its doorbells alone");
    assertEquals(2, pci.mmio.read(PciMachine.assignedBar(1) + 0x12, 2));
    pci.memoryDecoding(1, false);
    assertEquals(1, pci.mmio.read(PciMachine.assignedBar(1) + 0x12, 2));
  }

  @Test
  void everyVirtioStructureHasItsCapability() {
    assertEquals(0x10, pci.config(1, 6, 2) & 0x10, "a capability list");
    for (int type = 1; type <= 5; type++) {
      assertNotEquals(0, pci.capability(1, 9, type), "type " + type);
    }
    assertNotEquals(0, pci.capability(1, 0x11, -1));
    assertEquals(2, pci.config(1, pci.capability(1, 0x11, -1) + 2, 2), "three vectors");
    assertEquals(4, pci.config(1, pci.capability(1, 9, 2) + 16, 4), "notify_off_multiplier");
    assertEquals(8, pci.config(1, pci.capability(1, 9, 2) + 12, 4));
    assertEquals(10, pci.config(1, pci.capability(1, 9, 4) + 12, 4));
    assertEquals(56, pci.config(1, pci.capability(1, 9, 1) + 12, 4));
  }

  @Test
  void pciCfgCapabilityReachesTheBarWithDecodingOff() {
    int at = pci.capability(1, 9, 5);
    pci.config(1, at + 4, 1, 0);
    pci.config(1, at + 8, 4, 0x12);
    pci.config(1, at + 12, 4, 2);
    assertEquals(2, pci.config(1, at + 16, 4), "num_queues");
    pci.config(1, at + 8, 4, 0x14);
    pci.config(1, at + 12, 4, 1);
    pci.config(1, at + 16, 4, 0xFFFF_FF01L);
    assertEquals(1, pci.config(1, at + 16, 1), "device_status");
    pci.config(1, at + 12, 4, 3);
    assertEquals(0, pci.config(1, at + 16, 4), "no such length");
    pci.config(1, at + 8, 4, 0xFFFF_FFFCL);
    pci.config(1, at + 12, 4, 4);
    assertEquals(0, pci.config(1, at + 16, 4), "beyond the BAR");
  }

  @Test
  void readOnlyRegistersStay() {
    List<Long> before = new ArrayList<>();
    List<Long> after = new ArrayList<>();
    for (int register = 0; register < 0x40; register += 4) {
      before.add(pci.config(0, register, 4));
      pci.config(0, register, 4, 0xFFFF_FFFFL);
      after.add(pci.config(0, register, 4));
    }
    assertEquals(0x0000_0400L, after.get(1), "only INTx disable");
    after.set(1, before.get(1));
    assertEquals(0x0000_00FFL, after.get(3), "cache line size");
    after.set(3, before.get(3));
    after.set(15, before.get(15)); // interrupt line
    assertEquals(before, after);
  }

  @Test
  void oddConfigAccessesReadAllOnesAndWriteNothing() {
    for (int size : new int[] {1, 2, 3, 4, 5, 6, 7, 8}) {
      for (int register : new int[] {0x05, 0x11, 0x12, 0x13, 0xFFF}) {
        if (size == 3 || size > 4 || register % size != 0) {
          assertEquals(Device.allOnes(size), pci.config(1, register, size));
          pci.config(1, register, size, -1);
        }
      }
    }
    assertEquals(PciMachine.assignedBar(1), pci.config(1, PciMachine.BAR_0, 4));
    for (int size : new int[] {1, 2, 4}) {
      assertEquals(Device.allOnes(size), pci.config(1, 0x100, size), "no extended space");
    }
  }

  @Test
  void thirtyTwoDevicesAreOneTooMany() {
    RecordingMachine vm = new RecordingMachine(true);
    List<VirtioPciFunction> many =
        new ArrayList<>(
            Collections.nCopies(
                32,
                new VirtioPciFunction(
                    vm, pci.memory, new FakeVirtio(8), 1, PciMachine.assignedBar(1))));
    assertThrows(
        IllegalArgumentException.class, () -> new PciHost(List.of(PciMachine.WINDOW_32), many));
  }
}
