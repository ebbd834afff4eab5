package dev.javisor.images.kernel;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The bytes of a kernel or an initrd: a file, read straight into the guest's memory, or memory.
/// The file stays open, so that what was checked is what is loaded, whatever a rename does.
public final class BootFile implements AutoCloseable {
  private static final long CHUNK_BYTES = 1L << 30; // a ByteBuffer ends at 2 GiB

  private final String name;
  private final long size;
  private final @Nullable FileChannel channel;
  private final MemorySegment bytes;

  private BootFile(String name, long size, @Nullable FileChannel channel, MemorySegment bytes) {
    this.name = name;
    this.size = size;
    this.channel = channel;
    this.bytes = bytes;
  }

  public static BootFile open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + ": is a directory");
    }
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      return new BootFile(file.toString(), channel.size(), channel, MemorySegment.NULL);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    }
  }

  /// @param name what to call it in an error
  public static BootFile of(String name, byte[] bytes) {
    return of(name, MemorySegment.ofArray(bytes));
  }

  public static BootFile of(String name, MemorySegment bytes) {
    return new BootFile(name, bytes.byteSize(), null, bytes);
  }

  public String name() {
    return name;
  }

  public long size() {
    return size;
  }

  /// Fills `target` with what stands at `offset`.
  ///
  /// @throws EOFException if the file ends before
  public void read(long offset, MemorySegment target) throws IOException {
    if (offset < 0 || offset > size || target.byteSize() > size - offset) {
      throw ends(offset + target.byteSize());
    }
    if (channel == null) {
      MemorySegment.copy(bytes, offset, target, 0, target.byteSize());
    } else {
      readFile(channel, offset, target);
    }
  }

  private void readFile(FileChannel from, long offset, MemorySegment target) throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      long length = Math.min(CHUNK_BYTES, target.byteSize() - done);
      ByteBuffer chunk = target.asSlice(done, length).asByteBuffer();
      int got = from.read(chunk, offset + done);
      if (got <= 0) {
        throw ends(offset + target.byteSize()); // it shrank after it was opened
      }
      done += got;
    }
  }

  private EOFException ends(long wanted) {
    return new EOFException(
        "%s: truncated: needs %,d bytes, has %,d".formatted(name, wanted, size));
  }

  /// The first `length` bytes, fewer if it is shorter.
  byte[] head(int length) throws IOException {
    return slice(0, (int) Math.min(length, size));
  }

  byte[] slice(long offset, int length) throws IOException {
    byte[] copy = new byte[length];
    read(offset, MemorySegment.ofArray(copy));
    return copy;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
