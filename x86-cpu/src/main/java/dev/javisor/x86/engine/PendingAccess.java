package dev.javisor.x86.engine;

import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.x86.state.AccessExit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Accesses of one instruction that are answered outside: each leaves the instruction, which is run
/// again with the answers so far until it asks for nothing new. One vCPU's thread.
final class PendingAccess {
  /// More than any instruction makes: FXSAVE to a device's registers is 64 and some.
  private static final int ACCESSES_MAX = 128;

  private final long[] answers = new long[ACCESSES_MAX];
  private final AccessExit exit = new AccessExit();
  private final ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private int known;
  private int next;
  private final boolean isExact;
  private boolean isByItself;
  private boolean wantsItself;
  private @Nullable VmExit pending;
  private long answer;

  /// @param isExact whether it matters at which instruction time is looked at
  PendingAccess(boolean isExact) {
    this.isExact = isExact;
  }

  /// Whether an instruction waits to be run again.
  boolean isWaiting() {
    return pending != null || known > 0 || wantsItself;
  }

  /// Whether it is to be run again for our own sake: nobody outside has been asked for anything.
  boolean isOurs() {
    return pending == null;
  }

  /// Called by what looks at time or has its effect at a time: where that matters it has the
  /// instruction run by itself, if it is in a block, so that the time is its own.
  void byItself() {
    if (isExact && !isByItself) {
      wantsItself = true;
      throw exit;
    }
  }

  /// The access that is to be answered.
  @Nullable VmExit pending() {
    return pending;
  }

  long in(int port, int size) {
    return next < known ? answers[next++] : ask(new VmExit.PortIn(port, size, 1, data.limit(size)));
  }

  void out(int port, int size, long value) {
    if (next < known) {
      next++;
    } else {
      data.clear().putLong(0, value);
      long unused = ask(new VmExit.PortOut(port, size, 1, data.limit(size)));
    }
  }

  long read(long gpa, int size) {
    return next < known ? answers[next++] : ask(new VmExit.MmioRead(gpa, size));
  }

  void write(long gpa, int size, long value) {
    if (next < known) {
      next++;
    } else {
      long unused = ask(new VmExit.MmioWrite(gpa, size, value));
    }
  }

  private long ask(VmExit access) {
    if (known == ACCESSES_MAX) {
      throw new IllegalStateException("an instruction with more than 128 accesses to devices");
    }
    pending = access;
    answer = 0;
    throw exit;
  }

  void answer(long value) {
    if (pending instanceof VmExit.PortIn) {
      data.clear().putLong(0, value);
    }
    answer = value;
  }

  /// Takes the answer to what is pending: the instruction is about to be run again.
  void resume() {
    if (pending instanceof VmExit.PortIn in) {
      answers[known++] = masked(data.clear().getLong(0), in.size());
    } else if (pending instanceof VmExit.MmioRead read) {
      answers[known++] = masked(answer, read.size());
    } else if (pending != null) {
      answers[known++] = 0;
    }
    pending = null;
    next = 0;
    wantsItself = false;
    isByItself = true;
  }

  private static long masked(long value, int size) {
    return value & -1L >>> 64 - size * 8;
  }

  /// Whether what is pending is the first access of its instruction or repetition, which has done
  /// nothing yet.
  boolean isFirst() {
    return pending != null && known == 0;
  }

  /// Nobody will answer what is pending, nor run its instruction again with the answers so far.
  void cancel() {
    pending = null;
    wantsItself = false;
    done();
  }

  /// The instruction that was run again is done, or has faulted.
  void done() {
    clear();
    isByItself = false;
  }

  /// One repetition is done.
  void clear() {
    known = 0;
    next = 0;
  }
}
