package dev.javisor.images.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class PayloadUnpackerTest {
  private static final int LZ4_BLOCK_BYTES = 8 << 20;

  /// More than one LZ4 block, with runs, repeats and noise.
  private static final byte[] VMLINUX = vmlinux(LZ4_BLOCK_BYTES + (64 << 10));

  @TempDir Path directory;

  @Test
  void anLz4PayloadIsUnpacked() throws IOException {
    assertUnpacks(lz4(VMLINUX));
  }

  @Test
  void aGzipPayloadIsUnpacked() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(VMLINUX);
    }
    assertUnpacks(packed.toByteArray());
  }

  @Test
  void anXzPayloadIsUnpacked() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new XZOutputStream(packed, new LZMA2Options(0))) {
      out.write(VMLINUX);
    }
    assertUnpacks(packed.toByteArray());
  }

  @Test
  void anUnknownPayloadIsLeftToTheGuest() throws IOException {
    byte[] zstd = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 1, 2, 3, 4};
    assertFalse(PayloadUnpacker.unpack(bzImage(zstd, 4), directory.resolve("vmlinux")));
    assertFalse(PayloadUnpacker.unpack(bzImage(new byte[0], 0), directory.resolve("vmlinux")));
    assertNothingLeft();
  }

  @Test
  void aPayloadOfAnotherSizeThanItPromisesIsRefused() throws IOException {
    byte[] packed = lz4(vmlinux(4000));
    assertRefused(bzImage(packed, 4001));
    assertRefused(bzImage(packed, 3999));
  }

  @Test
  void aPayloadThatIsNoElfIsRefused() throws IOException {
    byte[] other = vmlinux(4000);
    other[0] = 0;
    assertRefused(bzImage(lz4(other), other.length));
  }

  @Test
  void anLz4BlockLongerThanItCanBeIsRefused() {
    assertThrows(IOException.class, () -> unpackLz4(new byte[] {1, 2, 3, 4, -1, -1, -1, 0x7F}));
    assertThrows(IOException.class, () -> unpackLz4(new byte[] {1, 2, 3, 4, 0, 0, 0, 0}));
    assertThrows(IOException.class, () -> unpackLz4(new byte[] {1, 2, 3, 4, 9, 0}));
  }

  @Test
  void anLz4MatchBeforeTheBeginningIsRefused() {
    byte[] reachesBack = {1, 2, 3, 4, 5, 0, 0, 0, 0x10, 'a', 2, 0, 0};
    assertThrows(IOException.class, () -> unpackLz4(reachesBack));
    byte[] reachesItself = {1, 2, 3, 4, 5, 0, 0, 0, 0x10, 'a', 0, 0, 0};
    assertThrows(IOException.class, () -> unpackLz4(reachesItself));
  }

  @Test
  void damagedLz4IsRefusedOrWrongAndNothingElseHappens() throws IOException {
    long seed = 0x4C5A;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] packed = lz4(vmlinux(4000));
    for (int round = 0; round < 10_000; round++) {
      byte[] damaged = packed.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        unpackLz4(damaged);
      } catch (IOException refused) {
        // that is what it may do
      }
    }
  }

  private void assertUnpacks(byte[] packed) throws IOException {
    Path target = directory.resolve("vmlinux");
    assertTrue(PayloadUnpacker.unpack(bzImage(packed, VMLINUX.length), target));
    assertArrayEquals(VMLINUX, Files.readAllBytes(target));
  }

  private void assertRefused(BzImage kernel) throws IOException {
    assertThrows(
        IOException.class, () -> PayloadUnpacker.unpack(kernel, directory.resolve("vmlinux")));
    assertNothingLeft();
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  private static void unpackLz4(byte[] bytes) throws IOException {
    try (var stream = new Lz4LegacyStream(new ByteArrayInputStream(bytes), 8192)) {
      stream.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static BzImage bzImage(byte[] packed, int unpackedBytes) throws IOException {
    byte[] payload = Arrays.copyOf(packed, packed.length + 4);
    ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).putInt(packed.length, unpackedBytes);
    byte[] image = TinyKernels.bzImage(packed.length == 0 ? packed : payload);
    return (BzImage) KernelImage.of(BootFile.of("it", image));
  }

  private static byte[] lz4(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.write(new byte[] {2, 0x21, 0x4C, 0x18});
    for (int at = 0; at < bytes.length; at += LZ4_BLOCK_BYTES) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      try (OutputStream out = new BlockLZ4CompressorOutputStream(block)) {
        out.write(bytes, at, Math.min(LZ4_BLOCK_BYTES, bytes.length - at));
      }
      ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      packed.write(length.putInt(block.size()).array());
      block.writeTo(packed);
    }
    return packed.toByteArray();
  }

  private static byte[] vmlinux(int length) {
    byte[] bytes = new byte[length];
    Random random = new Random(1);
    for (int at = 0; at < length; at++) {
      int kind = at >>> 12 & 3;
      bytes[at] = (byte) (kind == 0 ? 0 : kind == 1 ? at % 7 : kind == 2 ? 'x' : random.nextInt());
    }
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 0x464C457F);
    return bytes;
  }
}
