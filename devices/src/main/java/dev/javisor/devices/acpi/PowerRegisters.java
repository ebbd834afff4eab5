package dev.javisor.devices.acpi;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.machine.Ending;
import java.util.function.Consumer;

/// The FADT's sleep control, sleep status and reset registers (ACPI 6.5, 4.8.3.7 and 4.8.3.6), one
/// port each. They have no state. Any vCPU thread.
public final class PowerRegisters implements Device {
  public static final int PORTS = 3;

  static final int SLEEP_CONTROL = 0;
  static final int SLEEP_STATUS = 1;
  public static final int RESET = 2;

  /// What powers off, in bits 4:2 of sleep control; `_S5` names it.
  static final int SLEEP_TYPE_S5 = 5;

  public static final int RESET_VALUE = 1;

  private static final int SLEEP_TYPE_SHIFT = 2;
  private static final int SLEEP_TYPE_MASK = 7;
  private static final int SLEEP_ENABLE = 1 << 5;

  private final Consumer<Ending> endings;

  /// @param endings told of the end, on the vCPU's thread, which goes on until it is stopped
  public PowerRegisters(Consumer<Ending> endings) {
    this.endings = endings;
  }

  /// Nothing is ever on its way to sleep or back from it.
  @Override
  public long read(long offset, int size) {
    return size == 1 && offset >= 0 && offset < PORTS ? 0 : Device.allOnes(size);
  }

  @Override
  public void write(long offset, int size, long value) {
    if (size != 1) {
      return;
    }
    if (offset == SLEEP_CONTROL && sleepsForGood((int) value)) {
      endings.accept(new Ending.PowerOff());
    } else if (offset == RESET && value == RESET_VALUE) {
      endings.accept(new Ending.Reboot());
    }
  }

  private static boolean sleepsForGood(int value) {
    return (value & SLEEP_ENABLE) != 0
        && (value >>> SLEEP_TYPE_SHIFT & SLEEP_TYPE_MASK) == SLEEP_TYPE_S5;
  }
}
