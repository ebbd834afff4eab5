package dev.javisor.images.packages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/// Package files made on the spot.
public final class DebFixture {
  private DebFixture() {}

  /// @param suffix how its two archives are compressed: `.xz`, `.gz` or nothing; anything else is
  /// only a name
  /// @param files contents by path; a content that begins with `->` makes a symbolic link
  public static Path write(Path file, String suffix, String control, Map<String, byte[]> files)
      throws IOException {
    try (ArArchiveOutputStream out = new ArArchiveOutputStream(Files.newOutputStream(file))) {
      member(out, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
      byte[] text = control.getBytes(StandardCharsets.UTF_8);
      member(out, "control.tar" + suffix, packed(suffix, tar(Map.of("control", text))));
      member(out, "data.tar" + suffix, packed(suffix, tar(files)));
    }
    return file;
  }

  private static void member(ArArchiveOutputStream out, String name, byte[] bytes)
      throws IOException {
    out.putArchiveEntry(new ArArchiveEntry(name, bytes.length));
    out.write(bytes);
    out.closeArchiveEntry();
  }

  private static byte[] tar(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      out.putArchiveEntry(new TarArchiveEntry("./"));
      out.closeArchiveEntry();
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        put(out, "./" + file.getKey(), file.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private static void put(TarArchiveOutputStream out, String path, byte[] content)
      throws IOException {
    String text = new String(content, StandardCharsets.UTF_8);
    TarArchiveEntry entry;
    if (text.startsWith("->")) {
      entry = new TarArchiveEntry(path, TarArchiveEntry.LF_SYMLINK);
      entry.setLinkName(text.substring(2));
      content = new byte[0];
    } else {
      entry = new TarArchiveEntry(path);
      entry.setSize(content.length);
    }
    out.putArchiveEntry(entry);
    out.write(content);
    out.closeArchiveEntry();
  }

  private static byte[] packed(String suffix, byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (suffix) {
          case ".xz" -> new XZOutputStream(packed, new LZMA2Options(0));
          case ".gz" -> new GZIPOutputStream(packed);
          default -> packed;
        }) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }
}
