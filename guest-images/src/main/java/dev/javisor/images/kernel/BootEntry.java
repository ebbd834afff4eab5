package dev.javisor.images.kernel;

import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;

/// The state in which vCPU 0 enters a loaded kernel; the other vCPUs wait for INIT.
public record BootEntry(Registers registers, SystemRegisters system) {}
