package dev.javisor.x86.engine;

import dev.javisor.vmm.hypervisor.Capability;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.machine.TimeSource;

/// The engine that needs nothing of the host but Java.
public final class SoftwareHypervisor implements Hypervisor {
  private final TimeSource time;

  /// By the host's clocks.
  public SoftwareHypervisor() {
    this(TimeSource.HOST);
  }

  public SoftwareHypervisor(TimeSource time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "software";
  }

  @Override
  public SoftwareMachine createMachine(int vcpuCount) {
    return new SoftwareMachine(time, CpuModel.standard(), vcpuCount);
  }

  @Override
  public boolean supports(Capability capability) {
    return capability == Capability.READ_ONLY_MEMORY
        || capability == Capability.DOORBELL_BY_EVENTFD;
  }

  @Override
  public void close() {
    // machines are closed one by one
  }
}
