package dev.javisor.x86.chip;

import dev.javisor.vmm.irq.InterruptLine;

/// A wire into chips, which are told its level one thread at a time, so that all of them end with
/// the same one. It remembers nothing: chips compare with the level they knew, also one that was
/// loaded.
final class Wire implements InterruptLine {
  /// The chips' end of it.
  interface Level {
    void set(boolean high);
  }

  private final Level chips;

  Wire(Level chips) {
    this.chips = chips;
  }

  @Override
  public synchronized void raise() {
    chips.set(true);
  }

  @Override
  public synchronized void lower() {
    chips.set(false);
  }
}
