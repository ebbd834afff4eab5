package dev.javisor.cli.console;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Bytes between a thread that may wait and a device that must not. Any thread.
final class ByteQueue {
  private final byte[] ring;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int head;
  private int count;
  private boolean ended; // no more will come in
  private boolean abandoned; // nobody takes out any more
  private boolean takerIsBack; // waits in take, so what it took before is dealt with

  ByteQueue(int capacity) {
    this.ring = new byte[capacity];
  }

  /// Puts in what fits, without waiting; -1 if nobody takes out any more.
  int offer(MemorySegment source) {
    lock.lock();
    try {
      if (abandoned) {
        return -1;
      }
      int fits = (int) Math.min(source.byteSize(), ring.length - count);
      for (int done = 0; done < fits; ) {
        int at = (head + count) % ring.length;
        int run = Math.min(fits - done, ring.length - at);
        MemorySegment.copy(source, done, MemorySegment.ofArray(ring), at, run);
        count += run;
        done += run;
      }
      changed.signalAll();
      return fits;
    } finally {
      lock.unlock();
    }
  }

  /// Takes out what is there, without waiting; -1 at the end.
  int poll(MemorySegment target) {
    lock.lock();
    try {
      int taken = (int) Math.min(target.byteSize(), count);
      for (int done = 0; done < taken; ) {
        int run = Math.min(taken - done, ring.length - head);
        MemorySegment.copy(MemorySegment.ofArray(ring), head, target, done, run);
        head = (head + run) % ring.length;
        count -= run;
        done += run;
      }
      changed.signalAll();
      return taken == 0 && ended ? -1 : taken;
    } finally {
      lock.unlock();
    }
  }

  /// Puts in all of it, waiting for room; false if nobody takes out any more.
  boolean put(byte[] source, int length) {
    MemorySegment rest = MemorySegment.ofArray(source).asSlice(0, length);
    lock.lock();
    try {
      while (rest.byteSize() > 0) {
        int done = offer(rest);
        if (done < 0) {
          return false;
        }
        rest = rest.asSlice(done);
        if (rest.byteSize() > 0) {
          changed.awaitUninterruptibly();
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Takes out at least one byte, waiting for it; -1 at the end. One thread, which comes back when
  /// it has dealt with what it got.
  int take(byte[] target) {
    lock.lock();
    try {
      takerIsBack = true;
      changed.signalAll();
      while (count == 0 && !ended) {
        changed.awaitUninterruptibly();
      }
      int taken = poll(MemorySegment.ofArray(target));
      takerIsBack = taken < 0;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Nothing more comes in.
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Nobody takes out any more.
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until all was taken out and dealt with, or nobody will; false if `nanos` were not
  /// enough.
  boolean awaitEmpty(long nanos) {
    long left = nanos;
    lock.lock();
    try {
      while ((count > 0 || !takerIsBack) && !abandoned) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
