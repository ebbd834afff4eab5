package dev.javisor.devices.pci;

import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.state.Quiescent;
import org.jspecify.annotations.Nullable;

/// A function on the bus as its host sees it: configuration space and at most one memory BAR. The
/// host calls one at a time, but for [#bar], which any vCPU thread enters.
public interface PciFunction extends Quiescent {
  /// Reads `size` bytes (1, 2, 4) at `register`, 0..4095 and a multiple of `size`.
  int readConfig(int register, int size);

  /// Writes likewise.
  void writeConfig(int register, int size, int value);

  /// Which addresses its BAR asks for now; null without a BAR or with memory decoding off.
  @Nullable AddressRange decoded();

  /// What is behind the BAR; offsets are from its start.
  Device bar();

  /// From now on guest accesses to `gpa` and up reach the BAR. Not twice without [#unmapped].
  void mapped(long gpa);

  /// They do not any more.
  void unmapped();

  /// Gives back what it holds of the machine, after its device has ended.
  void close();
}
