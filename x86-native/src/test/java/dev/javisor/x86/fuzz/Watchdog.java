package dev.javisor.x86.fuzz;

import dev.javisor.vmm.hypervisor.Vcpu;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Ends runs that have lasted long enough or wait for an interrupt, and knows of those that do not
/// end.
final class Watchdog {
  private static final long LOOKS_NANOS = 50_000;

  private final List<Watched> all = new CopyOnWriteArrayList<>();

  Watchdog() {
    Thread.ofPlatform().daemon(true).name("fuzz-watchdog").start(this::look);
  }

  /// One vCPU, while its thread is in [Vcpu#run].
  static final class Watched {
    private volatile @Nullable Vcpu vcpu;
    private volatile Thread thread = Thread.currentThread();
    private volatile long endAt;

    /// The calling thread runs `running` from now on, for `nanos`.
    void begin(Vcpu running, long nanos) {
      thread = Thread.currentThread();
      endAt = System.nanoTime() + nanos;
      vcpu = running;
    }

    void end() {
      vcpu = null;
    }

    private void look() {
      Vcpu running = vcpu;
      if (running != null && (System.nanoTime() - endAt > 0 || isAsleep())) {
        running.requestExit();
      }
    }

    private boolean isAsleep() {
      return switch (thread.getState()) {
        case WAITING, TIMED_WAITING -> true;
        default -> false;
      };
    }

    /// Where its thread is if it should have come out `nanos` ago; else empty.
    String stuckFor(long nanos) {
      if (vcpu == null || System.nanoTime() - endAt < nanos) {
        return "";
      }
      StringBuilder text = new StringBuilder();
      for (StackTraceElement element : thread.getStackTrace()) {
        text.append("\n    at ").append(element);
      }
      return text.toString();
    }
  }

  Watched watch() {
    Watched watched = new Watched();
    all.add(watched);
    return watched;
  }

  void forget(Watched watched) {
    all.remove(watched);
  }

  private void look() {
    while (true) {
      for (Watched watched : all) {
        watched.look();
      }
      LockSupport.parkNanos(this, LOOKS_NANOS);
    }
  }
}
