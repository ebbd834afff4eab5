package dev.javisor.images.packages;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// A package file: an `ar` of a control and a data archive (deb(5)). Read in one pass; nothing is
/// written, so an odd path in it harms nobody who looks for the paths he knows.
public record DebPackage(Path file) {
  private static final int CONTROL_BYTES_MAX = 1 << 20;

  /// What an entry of the data archive is.
  public enum Kind {
    FILE,
    DIRECTORY,
    SYMLINK,
    OTHER
  }

  /// @param path without a leading `./`
  /// @param mode permission bits
  /// @param size of a file, in bytes
  /// @param target of a symbolic link, else empty
  public record Entry(String path, Kind kind, int mode, long size, String target) {}

  /// Is handed each entry in turn.
  @FunctionalInterface
  public interface Visitor {
    /// @param content of a file, readable until this returns
    void visit(Entry entry, InputStream content) throws IOException;
  }

  /// Walks the data archive.
  public void visitFiles(Visitor visitor) throws IOException {
    visit("data.tar", visitor);
  }

  /// The fields of the control file, continuation lines joined to theirs.
  public Map<String, String> control() throws IOException {
    Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    visit(
        "control.tar",
        (entry, content) -> {
          if (entry.path().equals("control")) {
            byte[] text = content.readNBytes(CONTROL_BYTES_MAX);
            parse(new String(text, StandardCharsets.UTF_8), fields);
          }
        });
    return Collections.unmodifiableMap(fields);
  }

  private static void parse(String text, Map<String, String> fields) {
    String name = "";
    for (String line : text.lines().toList()) {
      int colon = line.indexOf(':');
      if (line.startsWith(" ")) {
        fields.merge(name, line, (before, more) -> before + "\n" + more);
      } else if (colon > 0) {
        name = line.substring(0, colon);
        fields.put(name, line.substring(colon + 1).strip());
      }
    }
  }

  private void visit(String member, Visitor visitor) throws IOException {
    try (ArArchiveInputStream archive = new ArArchiveInputStream(Files.newInputStream(file))) {
      for (ArArchiveEntry part; (part = archive.getNextEntry()) != null; ) {
        if (part.getName().startsWith(member)) {
          visitTar(part.getName().substring(member.length()), archive, visitor);
          return;
        }
      }
    } catch (RuntimeException e) { // what the library throws at some damaged archives
      throw new IOException(file + ": a damaged package", e);
    }
    throw new IOException(file + ": not a Debian package: it has no " + member);
  }

  private void visitTar(String suffix, InputStream part, Visitor visitor) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(decompressing(suffix, part));
    for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
      visitor.visit(described(entry), tar);
    }
  }

  private InputStream decompressing(String suffix, InputStream part) throws IOException {
    return switch (suffix) {
      case "" -> part;
      case ".gz" -> new GZIPInputStream(part, 1 << 16);
      case ".xz" -> new XZInputStream(part);
      default ->
          throw new IOException(
              "%s: compressed as %s; expected .xz or .gz".formatted(file, suffix));
    };
  }

  private static Entry described(TarArchiveEntry entry) {
    String name = entry.getName();
    Kind kind =
        entry.isSymbolicLink()
            ? Kind.SYMLINK
            : entry.isDirectory() ? Kind.DIRECTORY : entry.isFile() ? Kind.FILE : Kind.OTHER;
    return new Entry(
        name.startsWith("./") ? name.substring(2) : name,
        kind,
        entry.getMode() & 07777,
        entry.getSize(),
        kind == Kind.SYMLINK ? entry.getLinkName() : "");
  }
}
