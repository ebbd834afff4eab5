package dev.javisor.linux.backend;

import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.Syscall;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.backend.HostFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/// A regular file or block device: pread, pwrite, fdatasync, fallocate, and an OFD lock while it
/// is open. Any thread.
public final class LinuxFile implements HostFile {
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int FALLOC_FL_ZERO_RANGE = 16;
  private static final int SEEK_END = 2;
  private static final int LSEEK = 8;

  private final Fd fd;
  private final Path path;
  private final boolean readOnly;

  private LinuxFile(Fd fd, Path path, boolean readOnly) {
    this.fd = fd;
    this.path = path;
    this.readOnly = readOnly;
  }

  /// @throws IOException in one line: what is wrong with `path` and what to do
  public static LinuxFile open(Path path, boolean readOnly) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException(path + ": is a directory; name a disk image or a block device");
    }
    long number = Fd.tryOpen(path.toString(), readOnly ? Fd.O_RDONLY : Fd.O_RDWR);
    if (number < 0) {
      throw new IOException(path + ": " + whyNot((int) -number, readOnly));
    }
    LinuxFile file = new LinuxFile(Fd.of(number, path.toString()), path, readOnly);
    try {
      file.lock();
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static String whyNot(int errno, boolean readOnly) {
    return switch (errno) {
      case Errno.ENOENT -> "no such file";
      case Errno.EACCES, Errno.EPERM ->
          "not allowed to " + (readOnly ? "read" : "write") + " it" + (readOnly ? "" : "; `,ro`?");
      default -> Errno.name(errno);
    };
  }

  private void lock() throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct flock = NativeStruct.allocate(32, scratch); // l_start, l_len 0: all of it
      flock.bytes().putShort(0, readOnly ? F_RDLCK : F_WRLCK);
      long result = Syscall.invoke(Syscall.FCNTL, fd.number(), F_OFD_SETLK, flock.address());
      if (result == -Errno.EAGAIN || result == -Errno.EACCES) {
        throw new IOException(path + ": in use by another machine; stop that first");
      }
      check(result, "lock");
    }
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    long done = 0;
    while (done < target.byteSize()) {
      long count = transfer(Syscall.PREAD64, offset + done, target.asSlice(done), "read");
      if (count == 0) {
        target.asSlice(done).fill((byte) 0);
        return;
      }
      done += count;
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    long done = 0;
    while (done < source.byteSize()) {
      long count = transfer(Syscall.PWRITE64, offset + done, source.asSlice(done), "write");
      if (count == 0) {
        throw new IOException("%s: write at %d: nothing is taken".formatted(path, offset + done));
      }
      done += count;
    }
  }

  private long transfer(int call, long offset, MemorySegment part, String what) throws IOException {
    while (true) {
      long result =
          Syscall.invoke(call, fd.number(), part.address(), part.byteSize(), offset, 0, 0);
      if (result != -Errno.EINTR) {
        return check(result, what + " at " + offset);
      }
    }
  }

  @Override
  public void sync() throws IOException {
    check(Syscall.invoke(Syscall.FDATASYNC, fd.number(), 0, 0), "fdatasync");
  }

  @Override
  public void punchHole(long offset, long length) throws IOException {
    allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length, "punch a hole");
  }

  @Override
  public void zeroRange(long offset, long length) throws IOException {
    allocate(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset, length, "zero");
  }

  private void allocate(int mode, long offset, long length, String what) throws IOException {
    long result = Syscall.invoke(Syscall.FALLOCATE, fd.number(), mode, offset, length, 0, 0);
    if (result == -Errno.EOPNOTSUPP || result == -Errno.ENODEV || result == -Errno.ENOSYS) {
      throw new UnsupportedOperationException(path + ": cannot " + what);
    }
    check(result, what + " at " + offset);
  }

  private long check(long result, String what) throws IOException {
    if (result < 0) {
      throw new IOException("%s: %s: %s".formatted(path, what, Errno.name((int) -result)));
    }
    return result;
  }

  @Override
  public long sizeBytes() throws IOException {
    return check(Syscall.invoke(LSEEK, fd.number(), 0, SEEK_END), "size");
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public void close() {
    fd.close();
  }
}
