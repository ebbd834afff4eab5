package dev.javisor.vmm.machine;

import java.util.function.Consumer;

/// A thread of a machine: every vCPU, device and helper runs on one. It stops by a flag and a
/// wake-up that belong to its body, never by [Thread#interrupt] (an interrupted thread's file write
/// closes the channel). What its body throws, [OutOfMemoryError] included, goes to the machine,
/// which ends.
public final class MachineThread {
  private final Thread thread;

  private MachineThread(Thread thread) {
    this.thread = thread;
  }

  /// Starts `body` on a new platform thread that does not keep the process alive.
  ///
  /// @param onFailure told of what `body` threw, on that thread
  public static MachineThread start(String name, Runnable body, Consumer<Throwable> onFailure) {
    Thread thread =
        Thread.ofPlatform()
            .name(name)
            .daemon(true)
            .unstarted(
                () -> {
                  try {
                    body.run();
                  } catch (Throwable failure) {
                    onFailure.accept(failure);
                  }
                });
    thread.start();
    return new MachineThread(thread);
  }

  public String name() {
    return thread.getName();
  }

  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /// Waits for its end, at most `millis`. False if it still runs then.
  public boolean join(long millis) {
    boolean interrupted = false;
    long deadline = System.nanoTime() + millis * 1_000_000L;
    try {
      while (thread.isAlive()) {
        long left = (deadline - System.nanoTime()) / 1_000_000L;
        if (left <= 0) {
          return false;
        }
        try {
          thread.join(left);
        } catch (InterruptedException e) {
          interrupted = true; // the machine's end must not be cut short; told again below
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Where it is now, for a report.
  public StackTraceElement[] stackTrace() {
    return thread.getStackTrace();
  }
}
