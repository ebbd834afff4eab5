package dev.javisor.vmm.machine;

import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VmExit;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One vCPU and its thread: makes the vCPU there, runs it, parks it, and does what others ask of
/// it.
final class VcpuRunner {
  private final Machine machine;
  private final int index;
  private final ExitLog log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private volatile @Nullable Vcpu vcpu; // set before `ready`
  private boolean shouldRest = true;
  private boolean rests;
  private boolean stopping;

  VcpuRunner(Machine machine, int index, boolean traced) {
    this.machine = machine;
    this.index = index;
    this.log = new ExitLog(traced);
  }

  int index() {
    return index;
  }

  ExitLog log() {
    return log;
  }

  /// The thread's body.
  void run() {
    try (Vcpu made = machine.parts().vm().createVcpu(index)) {
      vcpu = made;
      if (index == 0) {
        machine.parts().entry().accept(made);
      }
      ready.complete(null);
      loop(made);
    } catch (Throwable failure) {
      ready.completeExceptionally(failure);
      throw failure;
    }
  }

  /// Waits until the vCPU is made.
  ///
  /// @throws java.util.concurrent.CompletionException with what went wrong
  void awaitReady() {
    ready.join();
  }

  private void loop(Vcpu made) {
    VcpuLoop loop = new VcpuLoop(made, machine.parts().ports(), machine.parts().mmio(), log);
    while (goOn(made)) {
      VmExit exit = loop.run(machine::isEnded);
      if (!(exit instanceof VmExit.Interrupted)) { // as each vCPU's first is
        stopped(made, exit);
      }
    }
  }

  private void stopped(Vcpu made, VmExit exit) {
    switch (exit) {
      // Only without an interrupt controller in the engine: nothing will wake it but an end.
      case VmExit.Halted _ -> rest(true);
      case VmExit.Shutdown _ -> machine.end(new Ending.TripleFault(report(made, exit)));
      case VmExit.Failed _, VmExit.Unknown _ -> machine.end(new Ending.Failed(report(made, exit)));
      default -> throw new AssertionError(exit);
    }
  }

  /// Does what was asked, rests while it should; false when it is to stop for good.
  private boolean goOn(Vcpu made) {
    boolean wasResting = false;
    while (true) {
      for (Runnable request; (request = requests.poll()) != null; ) {
        request.run();
      }
      lock.lock();
      try {
        if (stopping || !shouldRest) {
          rests = false;
          changed.signalAll();
          break;
        }
        rests = true;
        wasResting = true;
        changed.signalAll();
        if (requests.isEmpty()) {
          changed.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
    }
    if (wasResting && !stopping) {
      made.notifyPaused();
    }
    return !stopping;
  }

  /// Asks it to rest, or to go on.
  void rest(boolean on) {
    lock.lock();
    try {
      shouldRest = on;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    kick();
  }

  void stop() {
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    kick();
  }

  /// Waits until it rests, at most until `deadlineNanos`.
  boolean awaitRest(long deadlineNanos) {
    lock.lock();
    try {
      while (!rests && !stopping) {
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        long unused = changed.awaitNanos(left);
      }
      return rests;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// Has `question` answered on the vCPU's own thread, between two instructions.
  <T> CompletableFuture<T> ask(Function<Vcpu, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    requests.add(
        () -> {
          try {
            answer.complete(question.apply(Objects.requireNonNull(vcpu)));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    kick();
    return answer;
  }

  private void kick() {
    Vcpu made = vcpu;
    if (made != null) {
      made.requestExit();
    }
  }

  private String report(Vcpu made, VmExit exit) {
    return "vCPU %d: %s%n%s%nlast exits: %s"
        .formatted(index, exit, VcpuReport.of(made), String.join(", ", log.last()));
  }
}
