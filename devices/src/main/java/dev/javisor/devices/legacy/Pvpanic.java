package dev.javisor.devices.legacy;

import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.machine.Ending;
import java.util.function.Consumer;

/// The port through which a kernel says that it panicked (QEMU, docs/specs/pvpanic). It has no
/// state. Any vCPU thread.
public final class Pvpanic implements Device {
  public static final int PORTS = 1;

  private static final int PANICKED = 1 << 0;

  /// The guest panicked but goes on in a crash kernel of its own: not an end.
  private static final int CRASH_LOADED = 1 << 1;

  private final Consumer<Ending> endings;

  /// @param endings told of the panic, on the vCPU's thread
  public Pvpanic(Consumer<Ending> endings) {
    this.endings = endings;
  }

  /// Which events it takes.
  @Override
  public long read(long offset, int size) {
    return offset == 0 && size == 1 ? PANICKED | CRASH_LOADED : Device.allOnes(size);
  }

  @Override
  public void write(long offset, int size, long value) {
    if (offset == 0 && size == 1 && (value & PANICKED) != 0) {
      endings.accept(new Ending.Panic("the guest's kernel reported a panic (pvpanic)"));
    }
  }
}
