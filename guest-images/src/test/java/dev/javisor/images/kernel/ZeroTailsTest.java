package dev.javisor.images.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZeroTailsTest {
  private static final int FILE_BYTES_AT = 64 + 32;

  @TempDir Path directory;

  /// The file bytes of the one segment after a cut, its text being `used` bytes and then zeros.
  private long cut(int used) throws IOException {
    byte[] image = TinyKernels.elf(TinyKernels.linuxNote());
    int text = TinyKernels.ELF_TEXT;
    Arrays.fill(image, text + used, text + TinyKernels.ELF_TEXT_BYTES, (byte) 0);
    Path elf = Files.write(directory.resolve("vmlinux"), image);
    ZeroTails.cut(elf);
    byte[] after = Files.readAllBytes(elf);
    after[FILE_BYTES_AT] = image[FILE_BYTES_AT];
    assertArrayEquals(image, after, "nothing else");
    try (KernelImage kernel = KernelImage.open(elf)) {
      ElfKernel.Segment segment = ((ElfKernel) kernel).segments().getFirst();
      assertEquals(0x1000, segment.memoryBytes());
      return segment.fileBytes();
    }
  }

  @Test
  void aSegmentEndsBehindItsLastByteThatIsNotZero() throws IOException {
    assertEquals(TinyKernels.ELF_TEXT_BYTES, cut(TinyKernels.ELF_TEXT_BYTES));
    assertEquals(TinyKernels.ELF_TEXT_BYTES - 5, cut(TinyKernels.ELF_TEXT_BYTES - 5));
    assertEquals(1, cut(1));
    assertEquals(0, cut(0));
  }

  @Test
  void onlyElfsAreCut() throws IOException {
    Path bzImage = Files.write(directory.resolve("bzImage"), TinyKernels.bzImage());
    assertThrows(IOException.class, () -> ZeroTails.cut(bzImage));
    assertArrayEquals(TinyKernels.bzImage(), Files.readAllBytes(bzImage));
  }
}
