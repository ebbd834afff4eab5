package dev.javisor.images.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/// A kernel whose headers have been read and checked; its body is read when it is loaded. Closing
/// it closes its file.
public sealed interface KernelImage extends AutoCloseable permits BzImage, ElfKernel {

  /// Opens `file` and says by its content what it is.
  ///
  /// @throws IOException if it is no kernel, is damaged or cannot be read
  static KernelImage open(Path file) throws IOException {
    BootFile opened = BootFile.open(file);
    try {
      return of(opened);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  /// The same for bytes that are open already; closing the image closes them.
  static KernelImage of(BootFile file) throws IOException {
    byte[] head = file.head(BzImage.HEADER_BYTES);
    if (ElfKernel.recognizes(head)) {
      return ElfKernel.read(file, head);
    }
    if (BzImage.recognizes(head)) {
      return BzImage.read(file, head);
    }
    throw new IOException(
        "%s: not a kernel: %s; expected a bzImage or an ELF".formatted(file, begins(head)));
  }

  private static String begins(byte[] head) {
    if (head.length == 0) {
      return "it is empty";
    }
    int shown = Math.min(8, head.length);
    String text = new String(head, 0, shown, StandardCharsets.ISO_8859_1);
    boolean printable = text.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    return "starts with "
        + HexFormat.ofDelimiter(" ").formatHex(head, 0, shown)
        + (printable ? " (\"" + text + "\")" : "");
  }

  BootFile file();

  @Override
  default void close() throws IOException {
    file().close();
  }
}
