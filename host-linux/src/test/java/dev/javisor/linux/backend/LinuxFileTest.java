package dev.javisor.linux.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxFileTest {
  private static final int BYTES = 1 << 20;

  @TempDir private Path dir;
  private final Arena arena = Arena.ofShared();
  private Path image = Path.of("");

  @BeforeEach
  void makeImage() throws IOException {
    image = dir.resolve("disk.img");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(BYTES);
    }
  }

  @AfterEach
  void freeMemory() {
    arena.close();
  }

  private MemorySegment bytes(int size, int value) {
    return arena.allocate(size).fill((byte) value);
  }

  private static byte[] array(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void whatIsWrittenIsReadThere() throws IOException {
    try (LinuxFile file = LinuxFile.open(image, false)) {
      assertEquals(BYTES, file.sizeBytes());
      file.write(4096, bytes(8192, 7));
      file.sync();
      MemorySegment back = bytes(8194, 1);
      file.read(4095, back);
      assertEquals(0, back.get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(7, back.get(ValueLayout.JAVA_BYTE, 1));
      assertEquals(7, back.get(ValueLayout.JAVA_BYTE, 8192));
      assertEquals(0, back.get(ValueLayout.JAVA_BYTE, 8193));
    }
  }

  @Test
  void readsPastTheEndAreZeroes() throws IOException {
    try (LinuxFile file = LinuxFile.open(image, false)) {
      file.write(BYTES - 1, bytes(1, 9));
      MemorySegment back = bytes(16, 1);
      file.read(BYTES - 1, back);
      byte[] expected = new byte[16];
      expected[0] = 9;
      assertArrayEquals(expected, array(back));
      file.read(BYTES + 4096L, back);
      assertArrayEquals(new byte[16], array(back));
    }
  }

  @Test
  void aPunchedHoleReadsAsZeroesAndFreesItsBlocks() throws IOException, InterruptedException {
    try (LinuxFile file = LinuxFile.open(image, false)) {
      file.write(0, bytes(BYTES, 5));
      file.sync();
      long full = blocks();
      file.punchHole(0, BYTES / 2);
      assertTrue(blocks() <= full - BYTES / 2 / 512 + 16, full + " blocks, then " + blocks());
      assertEquals(BYTES, file.sizeBytes());
      MemorySegment back = bytes(4096, 1);
      file.read(0, back);
      assertArrayEquals(new byte[4096], array(back));
      file.read(BYTES / 2, back);
      assertEquals(5, back.get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  /// Of 512 bytes each.
  private long blocks() throws IOException, InterruptedException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", image.toString()).start();
    String said = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertEquals(0, stat.waitFor());
    return Long.parseLong(said.strip());
  }

  @Test
  void aZeroedRangeReadsAsZeroesOrIsRefusedInOneWay() throws IOException {
    try (LinuxFile file = LinuxFile.open(image, false)) {
      file.write(0, bytes(8192, 5));
      MemorySegment back = bytes(4096, 1);
      try {
        file.zeroRange(0, 4096);
        file.read(0, back);
        assertArrayEquals(new byte[4096], array(back));
      } catch (UnsupportedOperationException e) { // tmpfs and overlayfs on it
        file.read(0, back);
        assertEquals(5, back.get(ValueLayout.JAVA_BYTE, 0), "refused, so unchanged");
      }
      assertEquals(BYTES, file.sizeBytes());
    }
  }

  @Test
  void theLockExcludesAnotherProcess() throws IOException, InterruptedException {
    assertEquals("opened", openElsewhere(false));
    try (LinuxFile file = LinuxFile.open(image, false)) {
      assertEquals(image + ": in use by another machine; stop that first", openElsewhere(false));
      assertEquals(image + ": in use by another machine; stop that first", openElsewhere(true));
      // What makes a FileChannel's lock vanish: the file is opened and closed again here.
      Files.readAllBytes(image);
      FileChannel.open(image).close();
      assertThrows(IOException.class, () -> LinuxFile.open(image, false), "here as well");
      assertEquals(image + ": in use by another machine; stop that first", openElsewhere(false));
      file.sync();
    }
    assertEquals("opened", openElsewhere(false));
  }

  @Test
  void readersShare() throws IOException, InterruptedException {
    try (LinuxFile file = LinuxFile.open(image, true)) {
      assertTrue(file.readOnly());
      assertEquals("opened", openElsewhere(true));
      assertEquals(image + ": in use by another machine; stop that first", openElsewhere(false));
    }
  }

  private String openElsewhere(boolean readOnly) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Opener.class.getName(),
            image.toString(),
            Boolean.toString(readOnly));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said.strip();
  }

  /// The other process.
  static final class Opener {
    private Opener() {}

    public static void main(String[] arguments) {
      try (LinuxFile file =
          LinuxFile.open(Path.of(arguments[0]), Boolean.parseBoolean(arguments[1]))) {
        System.out.println("opened");
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void aFullDiskIsAnErrorOfOneLine() throws IOException {
    try (LinuxFile full = LinuxFile.open(Path.of("/dev/full"), false)) {
      IOException e = assertThrows(IOException.class, () -> full.write(512, bytes(512, 1)));
      assertEquals("/dev/full: write at 512: ENOSPC", e.getMessage());
    }
  }

  @Test
  void aReadOnlyFileIsNotWritten() throws IOException {
    try (LinuxFile file = LinuxFile.open(image, true)) {
      IOException e = assertThrows(IOException.class, () -> file.write(0, bytes(1, 1)));
      assertEquals(image + ": write at 0: EBADF", e.getMessage());
    }
  }

  @Test
  void whatCannotBeOpenedSaysWhy() {
    assertEquals(dir + ": is a directory; name a disk image or a block device", whyNot(dir));
    Path none = dir.resolve("none");
    assertEquals(none + ": no such file", whyNot(none));
  }

  private static String whyNot(Path path) {
    IOException e = assertThrows(IOException.class, () -> LinuxFile.open(path, false));
    return String.valueOf(e.getMessage());
  }
}
