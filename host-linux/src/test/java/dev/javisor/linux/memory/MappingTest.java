package dev.javisor.linux.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.linux.call.SyscallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MappingTest {
  private static final long BYTES = 1L << 20;

  private static boolean isMapped(long address) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .map(line -> line.substring(0, line.indexOf(' ')).split("-"))
        .anyMatch(
            range ->
                Long.compareUnsigned(address, Long.parseUnsignedLong(range[0], 16)) >= 0
                    && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0);
  }

  @Test
  void aMappingGoesWithItsArena() throws IOException {
    MemorySegment kept;
    try (Arena arena = Arena.ofConfined()) {
      kept = Mapping.anonymous(BYTES, arena);
      assertEquals(BYTES, kept.byteSize());
      assertEquals(0, kept.get(ValueLayout.JAVA_LONG, BYTES - 8));
      kept.set(ValueLayout.JAVA_LONG, BYTES - 8, 1);
      assertTrue(isMapped(kept.address()));
    }
    assertFalse(isMapped(kept.address()));
    assertThrows(IllegalStateException.class, () -> kept.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void whatCannotBeMappedSaysWhatItWas() {
    try (Arena arena = Arena.ofConfined()) {
      SyscallException e =
          assertThrows(SyscallException.class, () -> Mapping.anonymous(1L << 60, arena));
      assertTrue(String.valueOf(e.getMessage()).contains("ENOMEM"), e.getMessage());
    }
  }

  @Test
  void guestMemoryIsAlignedToHugePagesAndAllZero() throws IOException {
    long address;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment ram = new AnonymousMemory(arena).allocate(8 << 20);
      address = ram.address();
      assertEquals(0, address % (2 << 20));
      assertEquals(8 << 20, ram.byteSize());
      assertEquals(0, ram.get(ValueLayout.JAVA_LONG, (8 << 20) - 8));
    }
    assertFalse(isMapped(address));
  }
}
