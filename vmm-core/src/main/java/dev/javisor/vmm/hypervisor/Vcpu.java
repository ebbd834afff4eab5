package dev.javisor.vmm.hypervisor;

import dev.javisor.vmm.bus.Device;

/// One virtual CPU, confined to the thread that created it except for [#requestExit].
public interface Vcpu extends AutoCloseable {

  /// Runs the guest until it needs us, and says why it stopped. Blocks. Buffers inside the exit
  /// are views of the engine's own page and die with the next call.
  VmExit run();

  /// Hands over the stores that waited ([VirtualMachine#coalesce]), each once and in their order,
  /// whichever vCPU made them. Before anything else is done about an exit; returns when all that
  /// came before it have arrived.
  default void deliver(Device ports, Device mmio) {}

  /// Answers the [VmExit.MmioRead], or the [VmExit.PortIn] of one item, just reported; `value` is
  /// little-endian, zero-extended.
  void answer(long value);

  /// Finishes the port or MMIO access just reported without running further instructions. Returns
  /// [VmExit.Interrupted] once the vCPU stands between two instructions, so that [#state()] can be
  /// read; before that, the next access of the same instruction (`REP OUTS`, a store of 16 bytes),
  /// to be handled and completed in its turn. KVM: `KVM_RUN` with `immediate_exit` (api.rst,
  /// `KVM_EXIT_IO`).
  VmExit completeExit();

  /// Makes a running or the next [#run] return [VmExit.Interrupted]. The one method that any thread
  /// may call, also after [#close].
  void requestExit();

  /// Starts at `registers` in `system`, everything else as after reset: how a boot protocol hands
  /// over. Before the first run.
  default void enter(VcpuState.Registers registers, VcpuState.SystemRegisters system) {
    state(state().entering(registers, system));
  }

  /// Tells the guest's clock that it was stopped, so that its watchdogs do not bark after a pause.
  /// KVM: `KVM_KVMCLOCK_CTRL`.
  void notifyPaused();

  /// What the engine knows beyond [#state()] of how the vCPU came where it is, for a person who
  /// reads a report; empty if nothing. Between two runs, on its thread.
  default String diagnosis() {
    return "";
  }

  /// Everything architectural. Only between two runs and after [#completeExit].
  VcpuState state();

  /// Becomes `state`: registers, then local APIC, then MSRs with the TSC deadline last, then
  /// events.
  void state(VcpuState state);

  @Override
  void close();
}
