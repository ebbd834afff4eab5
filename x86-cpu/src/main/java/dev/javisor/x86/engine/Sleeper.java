package dev.javisor.x86.engine;

import dev.javisor.vmm.machine.MachineThread;
import dev.javisor.x86.chip.Timers;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs a machine's timers when they are due by the wall clock, on a thread of its own.
final class Sleeper implements AutoCloseable {
  private static final long ENDS_WITHIN_MILLIS = 5000;

  private final Timers timers;
  private volatile boolean stopping;
  private volatile @Nullable Thread thread;
  private @Nullable MachineThread machineThread;

  private Sleeper(Timers timers) {
    this.timers = timers;
  }

  /// @param onFailure told, on its thread, of what a chip threw
  static Sleeper start(Timers timers, Consumer<Throwable> onFailure) {
    Sleeper sleeper = new Sleeper(timers);
    timers.onEarlier(sleeper::wake);
    sleeper.machineThread = MachineThread.start("timers", sleeper::run, onFailure);
    return sleeper;
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  private void run() {
    thread = Thread.currentThread();
    while (!stopping) {
      int unused = timers.runUntil(timers.now());
      long next = timers.nextDeadline();
      if (next == Timers.NEVER) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, Math.max(0, next - timers.now()));
      }
    }
  }

  @Override
  public void close() {
    stopping = true;
    wake();
    MachineThread running = machineThread;
    if (running != null && !running.isCurrent()) {
      boolean unused = running.join(ENDS_WITHIN_MILLIS);
    }
  }
}
