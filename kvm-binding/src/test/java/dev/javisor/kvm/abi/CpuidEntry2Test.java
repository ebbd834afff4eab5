package dev.javisor.kvm.abi;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.linux.call.NativeStruct;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpuidEntry2Test {
  private static final List<CpuidEntry2> ENTRIES =
      List.of(
          new CpuidEntry2(1, 2, 3, 4, 5, 6, 7),
          new CpuidEntry2(0x8000_0008, 0, 0, 0x3030, -1, 0x1000_0000, -2));

  private static int field(NativeStruct argument, int entry, String name) {
    long at = CpuidEntry2.LAYOUT.byteOffset(groupElement(name));
    return argument
        .bytes()
        .getInt(
            (int)
                (CpuidEntry2.HEADER_LAYOUT.byteSize()
                    + entry * CpuidEntry2.LAYOUT.byteSize()
                    + at));
  }

  @Test
  void entriesStandWhereTheKernelLooks() {
    try (Arena arena = Arena.ofConfined()) {
      NativeStruct argument = CpuidEntry2.allocate(ENTRIES.size(), arena);
      CpuidEntry2.writeAll(ENTRIES, argument);
      assertEquals(2, argument.bytes().getInt(0), "nent");
      for (int i = 0; i < ENTRIES.size(); i++) {
        CpuidEntry2 entry = ENTRIES.get(i);
        assertEquals(entry.function(), field(argument, i, "function"));
        assertEquals(entry.index(), field(argument, i, "index"));
        assertEquals(entry.flags(), field(argument, i, "flags"));
        assertEquals(entry.eax(), field(argument, i, "eax"));
        assertEquals(entry.ebx(), field(argument, i, "ebx"));
        assertEquals(entry.ecx(), field(argument, i, "ecx"));
        assertEquals(entry.edx(), field(argument, i, "edx"));
      }
      assertEquals(ENTRIES, CpuidEntry2.readAll(argument));
    }
  }
}
