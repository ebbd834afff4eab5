package dev.javisor.vmm.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// RAM with nothing but the JDK: a sparse file, deleted at once, mapped. In `/dev/shm` where there
/// is one, so that the guest's memory never becomes somebody's disk traffic. (`Arena.allocate`
/// would zero, and so back, all of it.)
public final class SparseFileMemory implements MemoryProvider {
  private final Arena arena;

  public SparseFileMemory(Arena arena) {
    this.arena = arena;
  }

  @Override
  public MemorySegment allocate(long bytes) {
    try {
      return map(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("guest memory of " + bytes + " bytes", e);
    }
  }

  private MemorySegment map(long bytes) throws IOException {
    Path shm = Path.of("/dev/shm");
    Path file =
        Files.isWritable(shm)
            ? Files.createTempFile(shm, "javisor-", ".ram")
            : Files.createTempFile("javisor-", ".ram");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE)) {
      return channel.map(MapMode.READ_WRITE, 0, bytes, arena);
    }
  }
}
