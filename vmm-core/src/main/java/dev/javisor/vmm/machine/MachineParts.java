package dev.javisor.vmm.machine;

import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.state.Quiescent;
import java.util.List;
import java.util.function.Consumer;

/// What a [Machine] is put together from. Whoever made the parts closes them, after the machine.
///
/// @param vm with its memory mapped
/// @param ports frozen
/// @param mmio frozen
/// @param vcpuCount 1..255
/// @param entry brings the boot processor from reset to where it starts, on its thread
/// @param devices in the order they are quiesced and saved
/// @param traceExits whether exits are counted by address
public record MachineParts(
    VirtualMachine vm,
    GuestMemory memory,
    Bus ports,
    Bus mmio,
    int vcpuCount,
    Consumer<Vcpu> entry,
    List<? extends Quiescent> devices,
    boolean traceExits) {}
