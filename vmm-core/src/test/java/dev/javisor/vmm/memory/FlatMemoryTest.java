package dev.javisor.vmm.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlatMemoryTest {
  private static final long RAM = 4L << 30; // 3 GiB below the hole, 1 GiB above

  private final Arena arena = Arena.ofShared();
  private final FlatMemory memory = FlatMemory.of(RAM, new SparseFileMemory(arena));

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void theAddressIsTheOffset() {
    memory.writable(0x1234, 4).set(ValueLayout.JAVA_INT_UNALIGNED, 0, 42);
    memory.writable(FlatMemory.HOLE_END, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
    assertEquals(42, memory.readable(0x1234, 4).get(ValueLayout.JAVA_INT_UNALIGNED, 0));
    assertEquals(
        7,
        memory.regions().getLast().host().get(ValueLayout.JAVA_BYTE, 0),
        "what the engine maps at 4 GiB is what lies at 4 GiB");
    assertEquals(RAM, memory.ramBytes());
    assertEquals(FlatMemory.HOLE_END, memory.regions().getLast().gpa());
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 1",
    "0, -1",
    "0xBFFFFFFF, 2",
    "0xC0000000, 1",
    "0xFFFFFFFF, 1",
    "0xFFFFFFFF, 2",
    "0x13FFFFFFF, 2",
    "0x140000000, 1",
    "0, 0x140000000",
    "0x7FFFFFFFFFFFFFFF, 1",
    "0x1000, 0x7FFFFFFFFFFFFFFF",
    "-4096, 8192"
  })
  void whatLeavesRamWrapsOrCrossesTheHoleIsAFault(long gpa, long size) {
    assertThrows(GuestFault.class, () -> memory.readable(gpa, size));
    assertThrows(GuestFault.class, () -> memory.writable(gpa, size));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0xBFFFFFFF, 1", "0xC0000000, 0", "0x13FFFFFFF, 1", "0x140000000, 0"})
  void theLastByteAndEmptyWindowsInsideAreFine(long gpa, long size) {
    assertEquals(size, memory.readable(gpa, size).byteSize());
  }

  @Test
  void readableCannotBeWritten() {
    MemorySegment window = memory.readable(0, 8);
    assertThrows(
        IllegalArgumentException.class, () -> window.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
  }

  @Test
  void storingAnIndexReportsItAndItsBytesAreLittleEndian() {
    List<long[]> reported = new ArrayList<>();
    memory.subscribe((gpa, size) -> reported.add(new long[] {gpa, size}));
    memory.storeIndex(0x2002, 0xABCD);
    assertEquals(0xABCD, memory.loadIndex(0x2002));
    assertEquals((byte) 0xCD, memory.readable(0x2002, 1).get(ValueLayout.JAVA_BYTE, 0));
    assertEquals(1, reported.size());
    assertArrayEquals(new long[] {0x2002, 2}, reported.getFirst());
  }

  @Test
  void anIndexIsTwoAlignedAndInRam() {
    assertThrows(GuestFault.class, () -> memory.loadIndex(0x2001));
    assertThrows(GuestFault.class, () -> memory.storeIndex(0x2001, 1));
    assertThrows(GuestFault.class, () -> memory.loadIndex(FlatMemory.HOLE_START));
  }

  @Test
  void aLoadersWriteIsReported() {
    DirtyPages dirty = new DirtyPages(RAM);
    memory.subscribe(dirty);
    memory.write(0x1FFF, new byte[] {1, 2});
    assertEquals(0b110, dirty.take()[0]);
    assertEquals(0, dirty.take()[0], "taking clears");
  }

  @Test
  void nothingIsWrittenForNoBytes() {
    DirtyPages dirty = new DirtyPages(RAM);
    dirty.written(0x3000, 0);
    assertEquals(0, dirty.take()[0]);
  }

  @Test
  void aSizeThatIsNoNumberOfPagesIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> FlatMemory.of(4097, bytes -> MemorySegment.NULL));
  }
}
