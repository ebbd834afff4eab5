package dev.javisor.images.kernel;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// LZ4's legacy frame, as `lz4 -l` writes it for the kernel's build: a magic number, then blocks,
/// each a length and that many bytes, each of which unpacks by itself to 8 MiB or, the last, fewer
/// (lz4 1.9, doc/lz4_Frame_format.md "Legacy frame", doc/lz4_Block_format.md).
final class Lz4LegacyStream extends InputStream {
  private static final int BLOCK_BYTES = 8 << 20;

  /// What a block of bytes that do not shrink takes.
  private static final int PACKED_BYTES_MAX = BLOCK_BYTES + BLOCK_BYTES / 255 + 16;

  private static final int MATCH_BYTES_MIN = 4;

  private final InputStream in;
  private final byte[] block;
  private byte[] packed = {};
  private int position;
  private int end;

  Lz4LegacyStream(InputStream in) throws IOException {
    this(in, BLOCK_BYTES);
  }

  /// @param blockBytes what a block unpacks to at most
  Lz4LegacyStream(InputStream in, int blockBytes) throws IOException {
    this.in = in;
    this.block = new byte[blockBytes];
    in.skipNBytes(4); // the magic number, which told the caller what this is
  }

  @Override
  public int read() throws IOException {
    return fill() ? block[position++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] target, int at, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int got = Math.min(length, end - position);
    System.arraycopy(block, position, target, at, got);
    position += got;
    return got;
  }

  private boolean fill() throws IOException {
    while (position == end) {
      byte[] header = in.readNBytes(4);
      if (header.length == 0) {
        return false;
      }
      int length = header.length < 4 ? -1 : littleEndian(header);
      if (length <= 0 || length > PACKED_BYTES_MAX) {
        throw new IOException("LZ4: a block of " + length + " bytes");
      }
      readPacked(length);
      try {
        end = unpack(length);
      } catch (IndexOutOfBoundsException e) {
        throw new IOException("LZ4: a damaged block", e);
      }
      position = 0;
    }
    return true;
  }

  private void readPacked(int length) throws IOException {
    if (packed.length < length) {
      packed = new byte[length];
    }
    if (in.readNBytes(packed, 0, length) < length) {
      throw new EOFException("LZ4: truncated");
    }
  }

  private static int littleEndian(byte[] b) {
    return b[0] & 0xFF | (b[1] & 0xFF) << 8 | (b[2] & 0xFF) << 16 | b[3] << 24;
  }

  /// Sequences of literals and a match, the last without the match. The arrays' own bounds are the
  /// check on lengths and distances.
  private int unpack(int length) {
    byte[] from = packed;
    byte[] to = block;
    int in = 0;
    int out = 0;
    while (true) {
      int token = from[in++];
      int literals = token >>> 4 & 0xF;
      if (literals == 15) {
        int more;
        do {
          more = from[in++] & 0xFF;
          literals += more;
        } while (more == 255);
      }
      if (in > length - literals) {
        throw new IndexOutOfBoundsException("literals");
      }
      System.arraycopy(from, in, to, out, literals);
      in += literals;
      out += literals;
      if (in == length) {
        return out;
      }
      int distance = from[in] & 0xFF | (from[in + 1] & 0xFF) << 8;
      in += 2;
      int match = token & 0xF;
      if (match == 15) {
        int more;
        do {
          more = from[in++] & 0xFF;
          match += more;
        } while (more == 255);
      }
      match += MATCH_BYTES_MIN;
      copyMatch(to, out, distance, match);
      out += match;
    }
  }

  /// The match may reach into what it is just writing; then it repeats `distance` bytes.
  private static void copyMatch(byte[] block, int out, int distance, int length) {
    int from = out - distance;
    if (distance == 0) {
      throw new IndexOutOfBoundsException("a match with itself");
    }
    if (length <= distance) {
      System.arraycopy(block, from, block, out, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      block[out + i] = block[from + i];
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
