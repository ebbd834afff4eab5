package dev.javisor.devices.pci;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import org.jspecify.annotations.Nullable;

/// Function 0:0.0: the bridge from the processor to the bus, of a kind for which no driver has
/// special ideas. It has no BAR.
final class HostBridge implements PciFunction {
  private static final int VENDOR = 0x1B36;
  private static final int DEVICE = 0x0008;
  private static final int CLASS_HOST_BRIDGE = 0x06_00_00;
  private static final int SUBSYSTEM_VENDOR = 0x1AF4;
  private static final int SUBSYSTEM = 0x1100;

  private final ConfigSpace config =
      new ConfigSpace(
          new ConfigSpace.Identity(
              VENDOR, DEVICE, 0, CLASS_HOST_BRIDGE, SUBSYSTEM_VENDOR, SUBSYSTEM));

  @Override
  public int readConfig(int register, int size) {
    return config.read(register, size);
  }

  @Override
  public void writeConfig(int register, int size, int value) {
    config.write(register, size, value);
  }

  @Override
  public @Nullable AddressRange decoded() {
    return null;
  }

  @Override
  public Device bar() {
    throw new IllegalStateException("the host bridge has no BAR");
  }

  @Override
  public void mapped(long gpa) {
    throw new IllegalStateException("the host bridge has no BAR");
  }

  @Override
  public void unmapped() {
    throw new IllegalStateException("the host bridge has no BAR");
  }

  @Override
  public void close() {
    // nothing is held
  }

  @Override
  public boolean quiesce(long deadlineNanos) {
    return true;
  }

  @Override
  public void resume() {
    // it never stopped
  }

  @Override
  public void save(StateWriter out) {
    config.save(out, 0);
  }

  @Override
  public void load(StateReader in) {
    config.load(in, 0);
  }
}
