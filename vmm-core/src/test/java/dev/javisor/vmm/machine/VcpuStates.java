package dev.javisor.vmm.machine;

import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.DebugRegisters;
import dev.javisor.vmm.hypervisor.VcpuState.DescriptorTable;
import dev.javisor.vmm.hypervisor.VcpuState.Events;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.RunState;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import java.util.TreeMap;

/// States to test with.
public final class VcpuStates {
  private VcpuStates() {}

  /// About what a processor shows after reset (SDM 3A, table 10-1).
  public static VcpuState atReset() {
    Segment data = Segment.real(0, Segment.DATA_16);
    TreeMap<Integer, Long> msrs = new TreeMap<>();
    msrs.put(0x10, 1234L);
    msrs.put(0xC000_0080, -1L);
    return new VcpuState(
        Registers.at(0xFFF0),
        new SystemRegisters(
            new Segment(0xFFFF_0000L, 0xFFFF, 0xF000, Segment.CODE_16),
            data,
            data,
            data,
            data,
            data,
            new Segment(0, 0xFFFF, 0, Segment.TSS_BUSY),
            new Segment(0, 0xFFFF, 0, 0x82),
            new DescriptorTable(0, 0xFFFF),
            new DescriptorTable(0, 0x3FF),
            0x6000_0010,
            0,
            0,
            0,
            0,
            0,
            0xFEE0_0900L),
        new byte[576],
        1,
        DebugRegisters.RESET,
        msrs,
        2_000_000,
        new byte[1024],
        Events.NONE,
        RunState.RUNNABLE);
  }
}
