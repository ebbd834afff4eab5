package dev.javisor.images.disk;

import dev.javisor.vmm.backend.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A host file in memory that can be told to fail.
final class MemoryFile implements HostFile {
  final byte[] bytes;
  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  volatile boolean closed;
  volatile @Nullable IOException failure;
  volatile boolean holes = true;

  MemoryFile(int size) {
    bytes = new byte[size];
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    call("read", offset, target.byteSize());
    long present = Math.clamp(bytes.length - offset, 0, target.byteSize());
    target.fill((byte) 0);
    MemorySegment.copy(MemorySegment.ofArray(bytes), offset, target, 0, present);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    call("write", offset, source.byteSize());
    MemorySegment.copy(source, 0, MemorySegment.ofArray(bytes), offset, source.byteSize());
  }

  @Override
  public void sync() throws IOException {
    call("sync", 0, 0);
  }

  @Override
  public void punchHole(long offset, long length) throws IOException {
    call("punch", offset, length);
    zero(offset, length);
  }

  @Override
  public void zeroRange(long offset, long length) throws IOException {
    call("zero", offset, length);
    zero(offset, length);
  }

  private void zero(long offset, long length) {
    if (!holes) {
      throw new UnsupportedOperationException("no holes here");
    }
    MemorySegment.ofArray(bytes).asSlice(offset, length).fill((byte) 0);
  }

  private void call(String what, long offset, long length) throws IOException {
    calls.add(what + " " + offset + " " + length);
    IOException told = failure;
    if (told != null) {
      throw told;
    }
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public boolean readOnly() {
    return false;
  }

  @Override
  public void close() {
    closed = true;
  }
}
