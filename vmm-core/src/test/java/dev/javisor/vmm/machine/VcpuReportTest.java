package dev.javisor.vmm.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.hypervisor.VcpuState;
import org.junit.jupiter.api.Test;

class VcpuReportTest {

  @Test
  void whatCouldWakeAHaltedProcessorStandsInIt() {
    VcpuState state = VcpuStates.atReset();
    state.apic()[0x80] = 0x20;
    state.apic()[0x200 + 7 * 16 + 1] = 0x10; // vector 0xEC
    state.apic()[0x100 + 16] = 2; // vector 0x21
    state.apic()[0x320] = (byte) 0xEC;
    String report = VcpuReport.of(state);
    String expected =
        "apic tpr 20, requested ec, in service 21, timer ec, deadline 0, tsc 4d2 at 2000000 kHz";
    assertTrue(report.contains(expected), report);
  }
}
