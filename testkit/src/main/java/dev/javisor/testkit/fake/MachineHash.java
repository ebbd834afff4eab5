package dev.javisor.testkit.fake;

import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateWriter;
import java.util.List;
import java.util.zip.CRC32C;

/// All that a machine with one vCPU is at a moment, as a number: two that are equal give equal
/// numbers, and one byte of RAM makes the difference.
public final class MachineHash {
  private MachineHash() {}

  /// @param ram all of it; nobody writes to it meanwhile
  public static int of(VcpuState state, List<GuestRegion> ram) {
    StateWriter writer = new StateWriter();
    state.save(writer, 0);
    CRC32C crc = new CRC32C();
    crc.update(writer.toByteArray());
    for (GuestRegion region : ram) {
      crc.update(region.host().asByteBuffer());
    }
    return (int) crc.getValue();
  }
}
