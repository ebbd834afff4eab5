package dev.javisor.devices.acpi;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.state.Quiescent;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;

/// The button by which a person asks the guest to power itself off: the event register of the
/// generic event device (ACPI 6.5, 5.6.9) and its interrupt. Anyone presses; a vCPU thread reads
/// the register, which clears it.
public final class PowerButton implements Device, Quiescent {
  public static final int PORTS = 1;

  static final int PRESSED = 1;

  private static final int STATE_VERSION = 1;

  private final InterruptLine line;
  private int events;

  /// @param line edge-triggered at the controller
  public PowerButton(InterruptLine line) {
    this.line = line;
  }

  /// Presses it once. What comes of it is up to the guest: nothing, if it does not listen.
  public synchronized void press() {
    events |= PRESSED;
    line.pulse();
  }

  @Override
  public synchronized long read(long offset, int size) {
    if (offset != 0 || size != 1) {
      return Device.allOnes(size);
    }
    int taken = events;
    events = 0;
    return taken;
  }

  @Override
  public void write(long offset, int size, long value) {
    // read-only
  }

  @Override
  public boolean quiesce(long deadlineNanos) {
    return true;
  }

  @Override
  public synchronized void resume() {
    if (events != 0) {
      line.pulse();
    }
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.record("power-button", 0, STATE_VERSION, r -> r.putByte(events));
  }

  @Override
  public synchronized void load(StateReader in) {
    events = in.record("power-button", 0, STATE_VERSION).getByte() & PRESSED;
  }
}
