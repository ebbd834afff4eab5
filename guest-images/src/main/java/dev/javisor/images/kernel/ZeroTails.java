package dev.javisor.images.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Makes an ELF's segments end in its file where their last byte that is not zero is; behind it
/// memory is zero anyway (System V gABI 4.3, "Program Header": `p_filesz`, `p_memsz`). A fifth of a
/// Linux is its `.bss`, which the build has written out.
public final class ZeroTails {
  private static final int HEADER_BYTES = 64;
  private static final int PROGRAM_HEADERS_AT = 32;
  private static final int PROGRAM_HEADER_BYTES_AT = 54;
  private static final int PROGRAM_HEADER_COUNT_AT = 56;
  private static final int PT_LOAD = 1;
  private static final int OFFSET = 8;
  private static final int FILE_BYTES = 32;
  private static final int CHUNK_BYTES = 1 << 16;

  private final FileChannel file;

  private ZeroTails(FileChannel file) {
    this.file = file;
  }

  /// Changes the program headers of `elf`, and nothing else of it.
  ///
  /// @throws IOException if it is no ELF that could be loaded, or cannot be written
  public static void cut(Path elf) throws IOException {
    try (KernelImage checked = KernelImage.open(elf)) {
      if (!(checked instanceof ElfKernel)) {
        throw new IOException(elf + ": not an ELF");
      }
    }
    try (FileChannel file =
        FileChannel.open(elf, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      new ZeroTails(file).cut();
    }
  }

  private void cut() throws IOException {
    ByteBuffer header = read(0, HEADER_BYTES);
    long table = header.getLong(PROGRAM_HEADERS_AT);
    int bytes = header.getShort(PROGRAM_HEADER_BYTES_AT);
    for (int i = 0; i < header.getShort(PROGRAM_HEADER_COUNT_AT); i++) {
      long at = table + (long) i * bytes;
      ByteBuffer program = read(at, bytes);
      if (program.getInt(0) == PT_LOAD) {
        long used = used(program.getLong(OFFSET), program.getLong(FILE_BYTES));
        write(at + FILE_BYTES, used);
      }
    }
  }

  /// How many of `bytes` at `offset` there are up to the last that is not zero.
  private long used(long offset, long bytes) throws IOException {
    long end = bytes;
    while (end > 0) {
      int length = (int) Math.min(end, CHUNK_BYTES);
      ByteBuffer chunk = read(offset + end - length, length);
      for (int i = length; i > 0; i--) {
        if (chunk.get(i - 1) != 0) {
          return end - length + i;
        }
      }
      end -= length;
    }
    return 0;
  }

  private ByteBuffer read(long offset, int bytes) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (read.hasRemaining()) {
      if (file.read(read, offset + read.position()) < 0) {
        throw new IOException("the file ends at " + file.size());
      }
    }
    return read;
  }

  private void write(long offset, long value) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(0, value);
    while (bytes.hasRemaining()) {
      file.write(bytes, offset + bytes.position());
    }
  }
}
