package dev.javisor.images.initrd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;

class CpioWriterTest {
  private static final byte[] CONTENT = "hello".getBytes(StandardCharsets.US_ASCII);

  @Test
  void anotherReaderFindsWhatWasWritten() throws IOException {
    try (var in = new CpioArchiveInputStream(new ByteArrayInputStream(archive()))) {
      CpioArchiveEntry directory = in.getNextEntry();
      assertEquals("etc", directory.getName());
      assertTrue(directory.isDirectory());
      assertEquals(040755, directory.getMode());
      assertEquals(2, directory.getNumberOfLinks());

      CpioArchiveEntry file = in.getNextEntry();
      assertEquals("etc/motd", file.getName());
      assertEquals(0100644, file.getMode());
      assertEquals(1, file.getNumberOfLinks());
      assertArrayEquals(CONTENT, in.readAllBytes());

      CpioArchiveEntry link = in.getNextEntry();
      assertTrue(link.isSymbolicLink());
      assertEquals("etc/motd", new String(in.readAllBytes(), StandardCharsets.UTF_8));

      CpioArchiveEntry console = in.getNextEntry();
      assertTrue(console.isCharacterDevice());
      assertEquals(5, console.getRemoteDeviceMaj());
      assertEquals(1, console.getRemoteDeviceMin());

      CpioArchiveEntry disk = in.getNextEntry();
      assertTrue(disk.isBlockDevice());
      assertEquals(1, disk.getNumberOfLinks());
      assertEquals(0, disk.getTime());
      assertEquals(null, in.getNextEntry());
    }
  }

  @Test
  void theSameEntriesMakeTheSameBytesAMultipleOfFour() throws IOException {
    byte[] archive = archive();
    assertArrayEquals(archive, archive());
    assertEquals(0, archive.length % 4);
  }

  @Test
  void aPathThatWouldEndTheArchiveOrLeaveItIsRefused() {
    CpioWriter cpio = new CpioWriter(new ByteArrayOutputStream());
    for (String path : new String[] {"", "/etc", "a\0b", "TRAILER!!!"}) {
      assertThrows(IllegalArgumentException.class, () -> cpio.file(path, 0644, CONTENT));
    }
  }

  private static byte[] archive() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (CpioWriter cpio = new CpioWriter(out)) {
      cpio.directory("etc", 0755);
      cpio.file("etc/motd", 0644, CONTENT);
      cpio.symlink("motd", "etc/motd");
      cpio.characterDevice("console", 0600, 5, 1);
      cpio.blockDevice("disk", 0660, 254, 0);
    }
    return out.toByteArray();
  }
}
