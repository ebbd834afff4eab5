package dev.javisor.images.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DebPackageTest {
  private static final String CONTROL =
      """
      Package: hello
      Version: 1:2.0-3
      Description: says hello
       twice
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {".xz", ".gz", ""})
  void filesComeWithoutTheirLeadingDot(String suffix) throws IOException {
    List<String> seen = new ArrayList<>();
    hello(suffix)
        .visitFiles(
            (entry, content) -> {
              String text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
              seen.add(entry.kind() + " " + entry.path() + " " + text + entry.target());
            });
    seen.sort(null);
    assertEquals(
        List.of("DIRECTORY  ", "FILE usr/bin/hello hi", "SYMLINK usr/bin/hallo hello"), seen);
  }

  @Test
  void theControlFileIsReadWithItsContinuationLines() throws IOException {
    Map<String, String> control = hello(".xz").control();
    assertEquals("1:2.0-3", control.get("version"));
    assertEquals("says hello\n twice", control.get("Description"));
  }

  @Test
  void anUnknownCompressionIsNamed() throws IOException {
    DebPackage zstd = hello(".zst");
    assertTrue(refusal(zstd).contains("compressed as .zst; expected .xz or .gz"));
  }

  @Test
  void whatIsNoPackageIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("x.deb"), "<html>not found</html>");
    refusal(new DebPackage(file));
    Path empty = Files.writeString(directory.resolve("y.deb"), "!<arch>\n");
    assertTrue(refusal(new DebPackage(empty)).contains("not a Debian package"));
  }

  @Test
  void damagedPackagesAreRefusedOrWrongAndNothingElseHappens() throws IOException {
    byte[] whole = Files.readAllBytes(hello("").file());
    long seed = 0x0DEB;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path file = directory.resolve("damaged.deb");
    for (int round = 0; round < 1_000; round++) {
      byte[] damaged = whole.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, damaged);
      try {
        new DebPackage(file).visitFiles((entry, content) -> content.readAllBytes());
      } catch (IOException refused) {
        // that is what it may do
      }
    }
  }

  private static String refusal(DebPackage deb) {
    return String.valueOf(
        assertThrows(IOException.class, () -> deb.visitFiles((entry, content) -> {})).getMessage());
  }

  private DebPackage hello(String suffix) throws IOException {
    Map<String, byte[]> files =
        Map.of("usr/bin/hello", bytes("hi"), "usr/bin/hallo", bytes("->hello"));
    return new DebPackage(DebFixture.write(directory.resolve("hello.deb"), suffix, CONTROL, files));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
