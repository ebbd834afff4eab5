package dev.javisor.devices.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.machine.MemoryMapEntry;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.memory.SparseFileMemory;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AddressMapTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;

  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    arena.close();
  }

  private FlatMemory memory(long bytes) {
    return FlatMemory.of(bytes, new SparseFileMemory(arena));
  }

  @Test
  void smallMachineHasRamBelowTheHole() {
    assertEquals(
        List.of(
            new MemoryMapEntry(0, 0x9FC00, 1),
            new MemoryMapEntry(0x9FC00, 0x60400, 2),
            new MemoryMapEntry(MIB, 511 * MIB, 1),
            new MemoryMapEntry(0xE000_0000L, MIB, 2),
            new MemoryMapEntry(0xFFFB_C000L, 0x4000, 2)),
        AddressMap.memoryMap(memory(512 * MIB)));
  }

  @Test
  void largeMachineGoesOnAboveTheHole() {
    List<MemoryMapEntry> map = AddressMap.memoryMap(memory(5 * GIB));
    assertEquals(new MemoryMapEntry(MIB, 3 * GIB - MIB, 1), map.get(2));
    assertEquals(new MemoryMapEntry(4 * GIB, 2 * GIB, 1), map.getLast());
    for (int i = 1; i < map.size(); i++) {
      assertTrue(map.get(i - 1).base() + map.get(i - 1).size() <= map.get(i).base());
    }
  }

  @Test
  void nothingInTheHoleOverlaps() {
    List<AddressRange> ranges =
        List.of(
            new AddressRange(0, 3 * GIB),
            AddressMap.PCI_WINDOW_32,
            AddressMap.PCI_ECAM,
            new AddressRange(AddressMap.IO_APIC, 4096),
            new AddressRange(AddressMap.LOCAL_APIC, 4096),
            new AddressRange(AddressMap.KVM_IDENTITY_MAP, 4096),
            new AddressRange(AddressMap.KVM_TSS, 3 * 4096),
            new AddressRange(4 * GIB, GIB));
    for (AddressRange one : ranges) {
      for (AddressRange other : ranges) {
        assertFalse(one != other && one.overlaps(other), one + " and " + other);
      }
    }
  }

  @Test
  void upperWindowLiesBetweenRamAndTheProcessorsLimit() {
    assertEquals(
        new AddressRange(4 * GIB, 60 * GIB), AddressMap.pciWindow64(memory(512 * MIB), 36));
    assertEquals(new AddressRange(8 * GIB, 64 * GIB), AddressMap.pciWindow64(memory(5 * GIB), 48));
    assertThrows(IllegalArgumentException.class, () -> AddressMap.pciWindow64(memory(5 * GIB), 32));
  }

  @Test
  void aBoardWithoutRoomForTablesIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> AddressMap.memoryMap(memory(MIB)));
  }
}
