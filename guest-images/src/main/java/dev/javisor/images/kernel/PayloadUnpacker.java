package dev.javisor.images.kernel;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/// Takes the vmlinux out of a bzImage, so that the guest need not: an ELF to be entered at its
/// 64-bit entry. LZ4 (the legacy frame), gzip and xz are known; a zstd payload is left to the
/// guest. Any thread.
public final class PayloadUnpacker {
  private static final int LZ4_LEGACY = 0x184C2102;
  private static final int XZ = 0x587A37FD;
  private static final int GZIP = 0x8B1F;
  private static final int ELF = 0x464C457F;

  /// A vmlinux has 50 MiB; a payload that promises more than this is damaged.
  private static final long UNPACKED_BYTES_MAX = 512L << 20;

  private static final int BUFFER_BYTES = 256 << 10;

  /// Writes the vmlinux inside `kernel` to `target`, whole or not at all.
  ///
  /// @return whether it could: false if the payload's compression is not one we know
  /// @throws IOException if the payload is damaged or `target` cannot be written
  public static boolean unpack(BzImage kernel, Path target) throws IOException {
    try (InputStream payload = decompressing(kernel)) {
      if (payload == null) {
        return false;
      }
      Path part = Files.createTempFile(target.toAbsolutePath().getParent(), ".vmlinux-", ".part");
      try {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 16)) {
          copy(kernel, payload, out);
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
      return true;
    }
  }

  private static @Nullable InputStream decompressing(BzImage kernel) throws IOException {
    long bytes = kernel.payloadBytes();
    if (bytes < 8) {
      return null;
    }
    InputStream packed = new PayloadStream(kernel.file(), kernel.payloadOffset(), bytes - 4);
    int magic = word(kernel, kernel.payloadOffset());
    if (magic == LZ4_LEGACY) {
      return new Lz4LegacyStream(packed);
    }
    if (magic == XZ) {
      return new XZInputStream(packed, 64 << 10); // KiB of memory it may take
    }
    return (magic & 0xFFFF) == GZIP ? new GZIPInputStream(packed, BUFFER_BYTES) : null;
  }

  /// The build appends the unpacked size to every payload (gzip's own trailer is the same word).
  private static void copy(BzImage kernel, InputStream payload, OutputStream out)
      throws IOException {
    long expected =
        Integer.toUnsignedLong(word(kernel, kernel.payloadOffset() + kernel.payloadBytes() - 4));
    long done = 0;
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int got; (got = payload.readNBytes(buffer, 0, buffer.length)) > 0; done += got) {
      boolean elf = done > 0 || (got >= 4 && littleEndian(buffer).getInt(0) == ELF);
      if (!elf || done + got > Math.min(expected, UNPACKED_BYTES_MAX)) {
        throw damaged(kernel);
      }
      out.write(buffer, 0, got);
    }
    if (done != expected) {
      throw damaged(kernel);
    }
  }

  private static IOException damaged(BzImage kernel) {
    return new IOException(kernel.file() + ": damaged bzImage: its payload does not unpack");
  }

  private static int word(BzImage kernel, long offset) throws IOException {
    return littleEndian(kernel.file().slice(offset, 4)).getInt();
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// A run of the kernel's file.
  private static final class PayloadStream extends InputStream {
    private final BootFile file;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private long offset;
    private long left;
    private int position;
    private int filled;

    PayloadStream(BootFile file, long offset, long bytes) {
      this.file = file;
      this.offset = offset;
      this.left = bytes;
    }

    @Override
    public int read() throws IOException {
      return fill() ? buffer[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int at, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int got = Math.min(length, filled - position);
      System.arraycopy(buffer, position, target, at, got);
      position += got;
      return got;
    }

    private boolean fill() throws IOException {
      if (position == filled && left > 0) {
        filled = (int) Math.min(buffer.length, left);
        file.read(offset, MemorySegment.ofArray(buffer).asSlice(0, filled));
        offset += filled;
        left -= filled;
        position = 0;
      }
      return position < filled;
    }
  }

  private PayloadUnpacker() {}
}
