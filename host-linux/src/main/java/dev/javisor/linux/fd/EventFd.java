package dev.javisor.linux.fd;

import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.Syscall;
import java.lang.foreign.Arena;

/// A counter in the kernel (man 2 eventfd): writing adds one, reading takes all. What irqfds and
/// ioeventfds are made of. Any thread may signal; one at a time waits.
public final class EventFd implements AutoCloseable {
  private static final int EFD_CLOEXEC = 0x80000;
  private static final int EFD_NONBLOCK = 0x800;
  private static final short POLLIN = 1;

  /// One, eight bytes wide: what every signal writes. Never freed.
  private static final NativeStruct ONE = NativeStruct.ofLong(1, Arena.global());

  private final Fd fd;
  private final Arena arena = Arena.ofShared();
  private final NativeStruct count = NativeStruct.allocate(Long.BYTES, arena);
  private final NativeStruct pollFd = NativeStruct.allocate(8, arena);

  private EventFd(Fd fd) {
    this.fd = fd;
    pollFd.bytes().putInt(0, fd.number()).putInt(4, POLLIN);
  }

  /// @param name what it stands for, in errors
  public static EventFd create(String name) {
    long number = Syscall.invoke(Syscall.EVENTFD2, 0, EFD_CLOEXEC | EFD_NONBLOCK, 0);
    return new EventFd(Fd.of(Syscall.check(number, "eventfd2", name), name));
  }

  public int number() {
    return fd.number();
  }

  public void signal() {
    long result = Syscall.invoke(Syscall.WRITE, fd.number(), ONE.address(), 8);
    // EAGAIN: the counter is full, so whoever reads it will wake up anyway.
    assert result == 8 || result == -Errno.EAGAIN : fd + ": write " + result;
  }

  /// Waits until signalled, at most `timeoutNanos` (negative: for ever); true if it was, which
  /// clears it.
  public boolean await(long timeoutNanos) {
    long deadline = System.nanoTime() + timeoutNanos;
    while (!take()) {
      long left = timeoutNanos < 0 ? -1 : deadline - System.nanoTime();
      if (timeoutNanos >= 0 && left <= 0) {
        return false;
      }
      poll(left);
    }
    return true;
  }

  /// True if it was signalled since the last take.
  public boolean take() {
    long result = Syscall.invoke(Syscall.READ, fd.number(), count.address(), 8);
    return result == 8;
  }

  private void poll(long nanos) {
    // Rounded up: a wait that ends early would spin through its last millisecond.
    long millis = nanos < 0 ? -1 : Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
    // EINTR and time-outs alike: the caller looks again.
    Syscall.invoke(Syscall.POLL, pollFd.address(), 1, millis);
  }

  @Override
  public void close() {
    fd.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
