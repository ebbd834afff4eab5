package dev.javisor.devices.board;

import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.vmm.backend.ByteConsole;
import dev.javisor.vmm.backend.TimeSource;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.memory.GuestMemory;
import java.util.List;
import java.util.function.Consumer;

/// What a [Board] is built from and around.
///
/// @param vm gives interrupt lines, messages and doorbells
/// @param memory its RAM, more than 1 MiB, zero where the tables go
/// @param ports not frozen yet
/// @param mmio not frozen yet
/// @param vcpuCount 1..255
/// @param physicalAddressBits the guest's MAXPHYADDR (CPUID leaf 0x80000008, EAX bits 7:0)
/// @param serial the far end of COM1
/// @param time what the clock shows
/// @param endings told when the guest ends itself, on a vCPU's thread; must not block
/// @param devices in the order of their PCI slots, from 1 on; at most 31
public record BoardParts(
    VirtualMachine vm,
    GuestMemory memory,
    Bus ports,
    Bus mmio,
    int vcpuCount,
    int physicalAddressBits,
    ByteConsole serial,
    TimeSource time,
    Consumer<Ending> endings,
    List<? extends VirtioDevice> devices) {

  public BoardParts {
    devices = List.copyOf(devices);
  }
}
