package dev.javisor.testkit.fake;

import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.SoftDoorbell;
import java.util.concurrent.atomic.AtomicInteger;

/// A doorbell that works and counts. Any thread rings, one awaits.
public final class RecordingDoorbell implements Doorbell {
  private final SoftDoorbell doorbell = new SoftDoorbell();
  private final AtomicInteger rings = new AtomicInteger();

  @Override
  public void ring() {
    rings.incrementAndGet();
    doorbell.ring();
  }

  @Override
  public boolean await(long timeoutNanos) {
    return doorbell.await(timeoutNanos);
  }

  /// How often it was rung since the last question.
  public int takeRings() {
    return rings.getAndSet(0);
  }

  @Override
  public void close() {
    doorbell.close();
  }
}
