package dev.javisor.testkit.fake;

import dev.javisor.vmm.irq.InterruptLine;

/// An interrupt line that remembers its level and how often it rose. Any thread.
public final class RecordingLine implements InterruptLine {
  private boolean high;
  private int edges;

  @Override
  public synchronized void raise() {
    if (!high) {
      high = true;
      edges++;
    }
  }

  @Override
  public synchronized void lower() {
    high = false;
  }

  public synchronized boolean high() {
    return high;
  }

  /// How often it went from low to high.
  public synchronized int edges() {
    return edges;
  }
}
