package dev.javisor.images.initrd;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Writes a cpio archive in the `newc` format. All belongs to root and is as old as the epoch.
/// Paths are relative; a directory comes before what is in it. Closing writes the trailer.
public final class CpioWriter implements AutoCloseable {
  private static final int KIND = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int FILE = 0100000;
  private static final int SYMLINK = 0120000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int BLOCK_DEVICE = 0060000;
  private static final int HEADER_BYTES = 110;
  private static final String TRAILER = "TRAILER!!!";

  private final OutputStream out;
  private int inode;

  public CpioWriter(OutputStream out) {
    this.out = out;
  }

  /// @param mode permission bits, as in `0755`
  public void directory(String path, int mode) throws IOException {
    entry(path, DIRECTORY | mode, 0, 0, new byte[0]);
  }

  public void file(String path, int mode, byte[] content) throws IOException {
    entry(path, FILE | mode, 0, 0, content);
  }

  public void symlink(String path, String target) throws IOException {
    entry(path, SYMLINK | 0777, 0, 0, target.getBytes(StandardCharsets.UTF_8));
  }

  public void characterDevice(String path, int mode, int major, int minor) throws IOException {
    entry(path, CHARACTER_DEVICE | mode, major, minor, new byte[0]);
  }

  public void blockDevice(String path, int mode, int major, int minor) throws IOException {
    entry(path, BLOCK_DEVICE | mode, major, minor, new byte[0]);
  }

  private void entry(String path, int mode, int major, int minor, byte[] content)
      throws IOException {
    if (path.isEmpty() || path.startsWith("/") || path.indexOf('\0') >= 0 || path.equals(TRAILER)) {
      throw new IllegalArgumentException("no path for an archive: \"" + path + "\"");
    }
    inode++;
    write(path, inode, mode, major, minor, content);
  }

  private void write(String path, int number, int mode, int major, int minor, byte[] content)
      throws IOException {
    byte[] name = (path + '\0').getBytes(StandardCharsets.UTF_8);
    int links = (mode & KIND) == DIRECTORY ? 2 : 1;
    String header =
        "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x"
            .formatted(
                number, mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length, 0);
    out.write(header.getBytes(StandardCharsets.US_ASCII));
    out.write(name);
    pad(HEADER_BYTES + name.length);
    out.write(content);
    pad(content.length);
  }

  /// Header with name, and content, end on a multiple of four.
  private void pad(int length) throws IOException {
    out.write(new byte[-length & 3]);
  }

  @Override
  public void close() throws IOException {
    write(TRAILER, 0, 0, 0, 0, new byte[0]);
    out.close();
  }
}
