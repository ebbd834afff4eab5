package dev.javisor.linux.thread;

import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.Syscall;
import java.lang.foreign.Arena;

/// One signal that wakes one thread out of a blocking call without a handler: blocked in the
/// thread, unblocked only inside the call by the mask the call takes, and eaten afterwards. Made
/// by the thread it is for; [#send] may be called by any.
public final class ThreadSignal {
  /// A real-time signal: nothing in HotSpot or glibc uses it (they take 32 and 33, SIGUSR2,
  /// SIGPROF).
  private static final int SIGNAL = 42;

  private static final int SIG_BLOCK = 0;
  private static final int SIGSET_BYTES = 8;

  private final int processId;
  private final int threadId;
  private final NativeStruct ownSet;
  private final NativeStruct noTime;
  private final long maskInsideCall;

  private ThreadSignal(int processId, int threadId, Arena arena) {
    this.processId = processId;
    this.threadId = threadId;
    this.ownSet = NativeStruct.ofLong(bit(), arena);
    this.noTime = NativeStruct.allocate(16, arena);
    NativeStruct before = NativeStruct.allocate(SIGSET_BYTES, arena);
    Syscall.check(
        Syscall.invoke(
            Syscall.RT_SIGPROCMASK,
            SIG_BLOCK,
            ownSet.address(),
            before.address(),
            SIGSET_BYTES,
            0,
            0),
        "rt_sigprocmask",
        "signal " + SIGNAL);
    // Never "everything": HotSpot and JFR stop and sample threads by signals.
    this.maskInsideCall = before.bytes().getLong(0) & ~bit();
  }

  private static long bit() {
    return 1L << (SIGNAL - 1);
  }

  /// Blocks the signal in the calling thread, for which this object is from now on.
  ///
  /// @param arena holds the few bytes it needs; must live as long as the thread uses it
  public static ThreadSignal ofThisThread(Arena arena) {
    return new ThreadSignal(
        (int) Syscall.invoke(Syscall.GETPID, 0, 0, 0),
        (int) Syscall.invoke(Syscall.GETTID, 0, 0, 0),
        arena);
  }

  /// The mask for the blocking call: the thread's own without the signal.
  public long maskInsideCall() {
    return maskInsideCall;
  }

  /// Sends it. Any thread; the thread it is for must not have ended.
  public void send() {
    Syscall.check(
        Syscall.invoke(Syscall.TGKILL, processId, threadId, SIGNAL),
        "tgkill",
        "thread " + threadId);
  }

  /// Takes a pending one away, without waiting. On the thread it is for.
  public boolean eat() {
    long result =
        Syscall.invoke(
            Syscall.RT_SIGTIMEDWAIT, ownSet.address(), 0, noTime.address(), SIGSET_BYTES, 0, 0);
    assert result == SIGNAL || result == -Errno.EAGAIN || result == -Errno.EINTR : result;
    return result == SIGNAL;
  }
}
