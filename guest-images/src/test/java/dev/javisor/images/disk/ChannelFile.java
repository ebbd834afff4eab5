package dev.javisor.images.disk;

import dev.javisor.vmm.backend.HostFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A true file by the JDK's means, without locks and holes.
final class ChannelFile implements HostFile {
  private final FileChannel channel;

  ChannelFile(Path path) throws IOException {
    channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    ByteBuffer buffer = target.asByteBuffer();
    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
      // short reads go on where they stopped
    }
    target.asSlice(buffer.position()).fill((byte) 0);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    ByteBuffer buffer = source.asByteBuffer();
    while (buffer.hasRemaining()) {
      channel.write(buffer, offset + buffer.position());
    }
  }

  @Override
  public void sync() throws IOException {
    channel.force(false);
  }

  @Override
  public void punchHole(long offset, long length) {
    throw new UnsupportedOperationException("punch hole");
  }

  @Override
  public void zeroRange(long offset, long length) {
    throw new UnsupportedOperationException("zero range");
  }

  @Override
  public long sizeBytes() throws IOException {
    return channel.size();
  }

  @Override
  public boolean readOnly() {
    return false;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
