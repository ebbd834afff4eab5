package dev.javisor.x86.engine;

import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.SoftDoorbell;
import dev.javisor.x86.chip.Timers;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Time is the host's: a thread of its own runs the timers, and devices work while the guest does.
final class WallSchedule implements Schedule {
  private final Sleeper sleeper;

  /// @param onFailure told, on the timers' thread, of what a chip threw
  WallSchedule(Timers timers, Consumer<Throwable> onFailure) {
    this.sleeper = Sleeper.start(timers, onFailure);
  }

  @Override
  public boolean isExact() {
    return false;
  }

  @Override
  public int slice(int most) {
    return most;
  }

  @Override
  public void runDue(BooleanSupplier isWanted) {
    // the sleeper does
  }

  @Override
  public boolean skipIdle() {
    return false;
  }

  @Override
  public void begins() {
    // nobody asks
  }

  @Override
  public void stops() {
    // nobody asks
  }

  @Override
  public Doorbell createDoorbell() {
    return new SoftDoorbell();
  }

  /// The host's time is nobody's state.
  @Override
  public void goOnFrom(long nanos) {}

  @Override
  public void close() {
    sleeper.close();
  }
}
