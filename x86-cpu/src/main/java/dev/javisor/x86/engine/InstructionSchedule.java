package dev.javisor.x86.engine;

import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.x86.chip.Timers;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Time is the instructions that the machine's one vCPU has run. Timers run on its thread, at
/// their instruction; a device that the guest has rung works at an instruction too, while the guest
/// stands still ([TimedDoorbell]). Time spent in HLT is skipped.
///
/// What comes from outside - someone types - comes when it comes: then, and only then, two runs
/// differ.
final class InstructionSchedule implements Schedule {
  private final VirtualTime time;
  private final Timers timers;
  private final Runnable wakeVcpu;
  private final Queue<TimedDoorbell> heard = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Thread runner;
  private @Nullable TimedDoorbell awaited;

  /// @param wakeVcpu has it call [#runDue] soon; any thread
  InstructionSchedule(VirtualTime time, Timers timers, Runnable wakeVcpu) {
    this.time = time;
    this.timers = timers;
    this.wakeVcpu = wakeVcpu;
  }

  @Override
  public boolean isExact() {
    return true;
  }

  @Override
  public int slice(int most) {
    long next = timers.nextDeadline();
    return next == Timers.NEVER
        ? most
        : (int) Math.clamp(time.instructionsUntil(next), 1, (long) most);
  }

  @Override
  public void runDue(BooleanSupplier isWanted) {
    int unused = timers.runUntil(time.nanoTime());
    TimedDoorbell bell = awaited == null ? opened() : awaited;
    while (bell != null && bell.awaitSettled(isWanted)) {
      bell = opened();
    }
    awaited = bell;
  }

  /// The next doorbell that is to be heard now.
  private @Nullable TimedDoorbell opened() {
    TimedDoorbell bell = heard.poll();
    if (bell != null) {
      bell.open();
    }
    return bell;
  }

  @Override
  public boolean skipIdle() {
    long next = timers.nextDeadline();
    if (next == Timers.NEVER) {
      return false;
    }
    time.move(Math.max(next, time.nanoTime()));
    return true;
  }

  @Override
  public void begins() {
    runner = Thread.currentThread();
  }

  @Override
  public void stops() {
    runner = null;
    for (TimedDoorbell bell; (bell = heard.poll()) != null; ) {
      bell.open();
    }
  }

  @Override
  public Doorbell createDoorbell() {
    return new TimedDoorbell(this, timers);
  }

  /// The guest has rung, in the instruction at hand.
  boolean isGuest() {
    return Thread.currentThread() == runner;
  }

  /// Whether the guest runs, so that what comes from outside waits until it stands still.
  boolean isRunning() {
    return runner != null;
  }

  /// Has `bell` opened when the vCPU looks next; on its thread, that is at this instruction.
  void hear(TimedDoorbell bell) {
    heard.add(bell);
    if (!isGuest()) {
      wakeVcpu.run();
    }
  }

  @Override
  public void goOnFrom(long nanos) {
    time.move(nanos);
  }

  @Override
  public void close() {
    // it has no thread
  }
}
