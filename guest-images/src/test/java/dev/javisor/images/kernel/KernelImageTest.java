package dev.javisor.images.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelImageTest {
  @TempDir Path directory;

  @Test
  void aBzImageIsToldByItsContentWhateverItsName() throws IOException {
    Path file = Files.write(directory.resolve("vmlinux.elf"), TinyKernels.bzImage());
    try (KernelImage kernel = KernelImage.open(file)) {
      BzImage bzImage = assertInstanceOf(BzImage.class, kernel);
      assertEquals(TinyKernels.PREF_ADDRESS, bzImage.loadGpa());
      assertEquals(TinyKernels.BODY_OFFSET, bzImage.bodyOffset());
      assertEquals(TinyKernels.INIT_SIZE, bzImage.initBytes());
      assertEquals(0x80000000L, bzImage.initrdEndMax());
      assertEquals(0x26C - 0x1F1, bzImage.setupHeader().length);
    }
  }

  @Test
  void anElfWithoutNotesIsEnteredAtItsOwnEntry() throws IOException {
    assertEquals(new ElfKernel.Entry.LinuxBoot64(TinyKernels.ELF_ENTRY), entry(TinyKernels.elf()));
  }

  @Test
  void thePvhNoteSaysWhereAnotherKernelIsEntered() throws IOException {
    assertEquals(
        new ElfKernel.Entry.Pvh(TinyKernels.PVH_ENTRY),
        entry(TinyKernels.elf(TinyKernels.pvhNote())));
  }

  @Test
  void aVmlinuxIsEnteredIn64BitModeThoughItHasThePvhNote() throws IOException {
    assertEquals(
        new ElfKernel.Entry.LinuxBoot64(TinyKernels.ELF_ENTRY),
        entry(TinyKernels.elf(TinyKernels.linuxNote(), TinyKernels.pvhNote())));
  }

  @Test
  void setupSectsOfZeroMeansFour() throws IOException {
    byte[] image = Arrays.copyOf(TinyKernels.bzImage(), 8192);
    image[0x1F1] = 0;
    assertEquals(5 * 512, ((BzImage) of(image)).bodyOffset());
  }

  @Test
  void anythingElseIsRefusedWithItsFirstBytes() {
    assertEquals(
        "it: not a kernel: starts with 23 21 2f 62 69 6e 2f 73 (\"#!/bin/s\");"
            + " expected a bzImage or an ELF",
        refusal("#!/bin/sh".getBytes(StandardCharsets.US_ASCII)));
    assertEquals(
        "it: not a kernel: starts with 1f 8b 08; expected a bzImage or an ELF",
        refusal(new byte[] {0x1F, (byte) 0x8B, 8}));
    assertEquals(
        "it: not a kernel: it is empty; expected a bzImage or an ELF", refusal(new byte[0]));
  }

  @Test
  void aMissingFileAndADirectoryAreNamed() {
    Path missing = directory.resolve("none");
    assertEquals(
        missing + ": no such file",
        assertThrows(IOException.class, () -> KernelImage.open(missing)).getMessage());
    assertEquals(
        directory + ": is a directory",
        assertThrows(IOException.class, () -> KernelImage.open(directory)).getMessage());
  }

  @Test
  void aTruncatedBzImageIsRefused() {
    byte[] image = TinyKernels.bzImage();
    assertTrue(refusal(Arrays.copyOf(image, image.length - 1)).contains("truncated bzImage"));
  }

  @Test
  void anOldOrThirtyTwoBitBzImageIsRefused() {
    assertTrue(refusal(bzImage(b -> b.putShort(0x206, (short) 0x20B))).contains("protocol 2.11"));
    assertTrue(refusal(bzImage(b -> b.putShort(0x236, (short) 0x7E))).contains("no 64-bit entry"));
  }

  @Test
  void aSetupHeaderThatRunsIntoTheZeroPageIsRefused() {
    assertTrue(refusal(bzImage(b -> b.put(0x201, (byte) 0xFF))).contains("ends at 0x301"));
    assertTrue(refusal(bzImage(b -> b.put(0x201, (byte) 0x10))).contains("ends at 0x212"));
  }

  @Test
  void aPayloadOutsideTheImageIsRefused() {
    assertTrue(refusal(bzImage(b -> b.putInt(0x248, -1))).contains("payload leaves it"));
    assertTrue(refusal(bzImage(b -> b.putInt(0x24C, 100))).contains("payload leaves it"));
  }

  @Test
  void anElfForAnotherMachineIsRefused() {
    assertTrue(refusal(elf(b -> b.putShort(18, (short) 183))).contains("machine 183"));
    assertTrue(refusal(elf(b -> b.put(4, (byte) 1))).contains("class 1"));
  }

  @Test
  void anElfWithNothingToLoadIsRefused() {
    assertTrue(refusal(elf(b -> b.putInt(64, 0))).contains("nothing to load"));
  }

  @Test
  void aSegmentOutsideTheFileIsRefused() {
    assertTrue(refusal(elf(b -> b.putLong(64 + 8, 1 << 20))).contains("damaged ELF: a segment"));
    assertTrue(refusal(elf(b -> b.putLong(64 + 8, -1))).contains("damaged ELF: a segment"));
    assertTrue(refusal(elf(b -> b.putLong(64 + 32, -1))).contains("damaged ELF: a segment"));
    assertTrue(refusal(elf(b -> b.putLong(64 + 40, 8))).contains("damaged ELF: a segment"));
    assertTrue(
        refusal(elf(b -> b.putLong(64 + 40, Long.MAX_VALUE))).contains("damaged ELF: a segment"));
  }

  @Test
  void programHeadersOutsideTheFileAreRefused() {
    assertTrue(refusal(elf(b -> b.putLong(32, 1 << 20))).contains("truncated"));
    assertTrue(refusal(elf(b -> b.putShort(56, (short) -1))).contains("program headers"));
  }

  @Test
  void aNoteThatLeavesItsSegmentIsRefused() {
    byte[] image = TinyKernels.elf(TinyKernels.pvhNote());
    ByteBuffer.wrap(image)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(TinyKernels.ELF_TEXT + TinyKernels.ELF_TEXT_BYTES, -1);
    assertTrue(refusal(image).contains("a note leaves its segment"));
  }

  private static ElfKernel.Entry entry(byte[] image) throws IOException {
    return ((ElfKernel) of(image)).entry();
  }

  private static KernelImage of(byte[] image) throws IOException {
    return KernelImage.of(BootFile.of("it", image));
  }

  private static String refusal(byte[] image) {
    return String.valueOf(assertThrows(IOException.class, () -> of(image)).getMessage());
  }

  private static byte[] bzImage(Consumer<ByteBuffer> change) {
    return changed(TinyKernels.bzImage(), change);
  }

  private static byte[] elf(Consumer<ByteBuffer> change) {
    return changed(TinyKernels.elf(), change);
  }

  private static byte[] changed(byte[] image, Consumer<ByteBuffer> change) {
    change.accept(ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN));
    return image;
  }
}
