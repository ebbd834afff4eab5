package dev.javisor.x86.engine;

import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.x86.chip.Timers;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// A doorbell in virtual time. What the guest rings is heard some time later, at an exact
/// instruction, and there the guest stands still until the device sleeps again and its back end
/// holds nothing: so all that the device does, interrupts included, is done at that instruction.
final class TimedDoorbell implements Doorbell {
  /// From a kick to its completion: what a fast disk takes.
  private static final long LATENCY_NANOS = 50_000;

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final InstructionSchedule schedule;
  private final Timers timers;
  private final Timers.Timer timer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean isArmed; // of the vCPU's thread
  private boolean isOpen;
  private boolean isRung;
  private boolean isBusy; // requests are at the back end
  private boolean isClosed;

  TimedDoorbell(InstructionSchedule schedule, Timers timers) {
    this.schedule = schedule;
    this.timers = timers;
    this.timer = timers.create("doorbell", _ -> due());
  }

  @Override
  public void ring() {
    if (schedule.isGuest()) {
      arm();
    } else if (!passOn()) {
      schedule.hear(this);
    }
  }

  private void arm() {
    if (!isArmed) {
      isArmed = true;
      timers.set(timer, timers.now() + LATENCY_NANOS);
    }
  }

  private void due() {
    isArmed = false;
    schedule.hear(this);
  }

  /// The device itself, its back end, or someone while the guest does not run.
  private boolean passOn() {
    lock.lock();
    try {
      if (!isOpen && schedule.isRunning()) {
        return false;
      }
      isRung = true;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Has the device work, while the guest stands still.
  void open() {
    lock.lock();
    try {
      isOpen = true;
      isRung = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the device has done everything; false if the vCPU was wanted first.
  boolean awaitSettled(BooleanSupplier isWanted) {
    lock.lock();
    try {
      while (isOpen && !isClosed && !isWanted.getAsBoolean()) {
        long unused = changed.awaitNanos(LOOK_NANOS);
      }
      return !isOpen || isClosed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void holds(boolean requests) {
    lock.lock();
    try {
      isBusy = requests;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean await(long timeoutNanos) {
    long left = timeoutNanos < 0 ? Long.MAX_VALUE : timeoutNanos;
    lock.lock();
    try {
      settle();
      while (!isRung && left > 0) {
        left = changed.awaitNanos(left);
      }
      boolean rung = isRung;
      isRung = false;
      return rung;
    } catch (InterruptedException e) {
      // Machine threads are never interrupted; who does it anyway gets a spurious wake-up.
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void settle() {
    if (!isRung && !isBusy) {
      isOpen = false;
      changed.signalAll();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      isClosed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
