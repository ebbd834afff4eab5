package dev.javisor.devices.virtio.worker;

import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.machine.MachineThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The thread that owns a device: it runs posted tasks, then looks at the queues, then sleeps.
/// It is started by the first [#begin] and ends after [#close], when the back end holds nothing
/// more.
final class DeviceWorker {
  /// How long a reset waits for a back end. A guest kernel polls meanwhile and cannot be told
  /// otherwise, so at some point it has to learn that the device is gone.
  static final long RESET_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

  /// What the device does. All calls come on the worker's thread.
  interface Work {
    /// One look: at the queues if `takeWork`, else only at what tasks have left to announce.
    void look(boolean takeWork);

    /// Whether the back end holds nothing of the guest's memory.
    boolean idle();

    /// The driver is gone, and with it its queues; back end requests may still be in flight.
    void driverGone();

    /// A reset could not be had: see [#RESET_NANOS_MAX].
    void stuck();

    /// Close the back end; no more work will come.
    void ending();
  }

  private final String name;
  private final Work work;
  private final Consumer<Throwable> onFailure;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile @Nullable Doorbell bell;
  private @Nullable MachineThread thread; // guarded by this

  // Of the worker's thread.
  private final List<Runnable> resetWaiters = new ArrayList<>();
  private long resetDeadline;
  private boolean dead;
  private @Nullable CountDownLatch pauseWanted;
  private @Nullable CountDownLatch pause;

  /// @param onFailure told of whatever the work throws; the machine ends
  DeviceWorker(String name, Work work, Consumer<Throwable> onFailure) {
    this.name = name;
    this.work = work;
    this.onFailure = onFailure;
  }

  /// Runs `task` on the worker, which from now on sleeps on `kicks`, the same at each call.
  synchronized void begin(Doorbell kicks, Runnable task) {
    tasks.add(task);
    if (thread == null && !closed) {
      bell = kicks;
      thread = MachineThread.start(name, this::run, onFailure);
    }
    kicks.ring();
  }

  /// Runs `task` on the worker, once it has begun. Any thread.
  void post(Runnable task) {
    tasks.add(task);
    wake();
  }

  /// Any thread.
  void wake() {
    Doorbell known = bell;
    if (known != null) {
      known.ring();
    }
  }

  private synchronized boolean running() {
    return thread != null;
  }

  /// Forgets the driver; `done` is called when the back end has let go of its memory, which may
  /// be never. Any thread.
  void reset(Runnable done) {
    if (!running()) {
      done.run();
      return;
    }
    post(() -> beginReset(done));
  }

  private void beginReset(Runnable done) {
    if (resetWaiters.isEmpty()) {
      work.driverGone();
      resetDeadline = System.nanoTime() + RESET_NANOS_MAX;
    }
    resetWaiters.add(done);
  }

  /// Looks once more, then takes no new work, and waits until the back end is idle.
  ///
  /// @return false if it was not at `deadlineNanos`
  boolean quiesce(long deadlineNanos) {
    if (!running()) {
      return true;
    }
    CountDownLatch idle = new CountDownLatch(1);
    post(() -> pauseWanted = idle);
    return await(idle, deadlineNanos);
  }

  /// Looks at the queues again, also if [#quiesce] failed.
  void resume() {
    post(
        () -> {
          pauseWanted = null;
          pause = null;
        });
  }

  /// Any thread; waits for nothing.
  void close() {
    closed = true;
    if (running()) {
      wake();
    } else {
      work.ending();
      ended.countDown();
    }
  }

  /// Waits until the thread has ended, at most `millis`.
  boolean join(long millis) {
    return await(ended, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private static boolean await(CountDownLatch latch, long deadlineNanos) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return latch.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true; // not ours to give up for; told again below
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    try {
      while (!closed) {
        sleep();
        runTasks();
        finishReset();
        work.look(pause == null && resetWaiters.isEmpty() && !dead && !closed);
        if (pauseWanted != null) {
          pause = pauseWanted;
          pauseWanted = null;
        }
        if (pause != null && work.idle()) {
          pause.countDown();
        }
      }
      end();
    } finally {
      ended.countDown();
    }
  }

  private void sleep() {
    boolean resetting = !resetWaiters.isEmpty() && !dead;
    doorbell().holds(!work.idle());
    doorbell().await(resetting ? Math.max(resetDeadline - System.nanoTime(), 0) : -1);
  }

  private Doorbell doorbell() {
    Doorbell known = bell;
    if (known == null) {
      throw new IllegalStateException(name + ": no doorbell");
    }
    return known;
  }

  private void runTasks() {
    for (Runnable task; (task = tasks.poll()) != null; ) {
      task.run();
    }
  }

  private void finishReset() {
    if (resetWaiters.isEmpty() || dead) {
      return;
    }
    if (work.idle()) {
      List<Runnable> done = List.copyOf(resetWaiters);
      resetWaiters.clear();
      done.forEach(Runnable::run);
    } else if (System.nanoTime() - resetDeadline >= 0) {
      dead =
          true; // the back end may write to that memory for ever: nobody is told it may be reused
      work.stuck();
    }
  }

  /// Stays until the back end has let go: the thread's end says that guest memory may be
  /// unmapped.
  private void end() {
    work.ending();
    while (!work.idle()) {
      doorbell().await(-1);
      runTasks();
    }
  }
}
