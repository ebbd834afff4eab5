package dev.javisor.vmm.irq;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A doorbell of the JDK alone, for engines without eventfds and for tests.
public final class SoftDoorbell implements Doorbell {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition rang = lock.newCondition();
  private boolean pending;

  @Override
  public void ring() {
    lock.lock();
    try {
      pending = true;
      rang.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean await(long timeoutNanos) {
    long left = timeoutNanos < 0 ? Long.MAX_VALUE : timeoutNanos;
    lock.lock();
    try {
      while (!pending && left > 0) {
        left = rang.awaitNanos(left);
      }
      boolean rung = pending;
      pending = false;
      return rung;
    } catch (InterruptedException e) {
      // Machine threads are never interrupted; who does it anyway gets a spurious wake-up.
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    // nothing is held
  }
}
