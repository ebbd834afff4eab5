package dev.javisor.linux.fd;

import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.Syscall;
import dev.javisor.linux.call.SyscallException;
import java.lang.foreign.Arena;

/// An open file descriptor and what it stands for: whoever holds it closes it.
public final class Fd implements AutoCloseable {
  public static final int O_RDONLY = 0;
  public static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int AT_FDCWD = -100;

  private final int number;
  private final String name;
  private volatile boolean closed;

  private Fd(int number, String name) {
    this.number = number;
    this.name = name;
  }

  /// Takes over descriptor `number`, just made by some call; `name` says in errors what it is.
  public static Fd of(long number, String name) {
    return new Fd(Math.toIntExact(number), name);
  }

  /// Opens a path, close-on-exec.
  ///
  /// @throws SyscallException with `remedy` in its message
  public static Fd open(String path, int flags, String remedy) {
    long fd = tryOpen(path, flags);
    if (fd < 0) {
      throw new SyscallException("open", path, (int) -fd, remedy);
    }
    return of(fd, path);
  }

  /// Opens a path and returns the descriptor, or minus the errno.
  public static long tryOpen(String path, int flags) {
    try (Arena scratch = Arena.ofConfined()) {
      return Syscall.invoke(
          Syscall.OPENAT,
          AT_FDCWD,
          NativeStruct.string(path, scratch).address(),
          flags | O_CLOEXEC);
    }
  }

  /// @throws IllegalStateException if it is closed: the number may be another file's by now
  public int number() {
    if (closed) {
      throw new IllegalStateException(name + " is closed");
    }
    return number;
  }

  public String name() {
    return name;
  }

  /// Runs one request; `call` is its kernel name, `argument` a number or the address of a struct.
  /// Returns what the kernel returned, never negative.
  ///
  /// @throws SyscallException naming call, object, argument and errno
  public long ioctl(String call, long request, long argument) {
    long result = tryIoctl(request, argument);
    if (result < 0) {
      throw failed(call, argument, result);
    }
    return result;
  }

  public long ioctl(String call, long request, NativeStruct argument) {
    return ioctl(call, request, argument.address());
  }

  /// As [#ioctl], but hands back minus the errno for the caller to judge.
  public long tryIoctl(long request, long argument) {
    return Syscall.invoke(Syscall.IOCTL, number(), request, argument);
  }

  private SyscallException failed(String call, long argument, long result) {
    return new SyscallException(
        call, "%s fd %d, 0x%x".formatted(name, number, argument), (int) -result);
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    // Linux frees the number even on EINTR, so a failed close is never retried: close(2).
    long result = Syscall.invoke(Syscall.CLOSE, number, 0, 0);
    assert result == 0 || result == -Errno.EINTR : name + ": close " + Errno.name((int) -result);
  }

  @Override
  public String toString() {
    return name + " fd " + number;
  }
}
