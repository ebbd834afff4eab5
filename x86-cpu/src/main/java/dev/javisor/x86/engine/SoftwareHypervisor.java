package dev.javisor.x86.engine;

import dev.javisor.vmm.hypervisor.Capability;
import dev.javisor.vmm.hypervisor.Hypervisor;

/// The engine that needs nothing of the host but Java.
public final class SoftwareHypervisor implements Hypervisor {
  private final EngineOptions options;

  /// By the host's clocks, and silent.
  public SoftwareHypervisor() {
    this(EngineOptions.STANDARD);
  }

  public SoftwareHypervisor(EngineOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "software";
  }

  /// @throws IllegalArgumentException for more than one vCPU if time goes by its instructions
  @Override
  public SoftwareMachine createMachine(int vcpuCount) {
    return new SoftwareMachine(options, vcpuCount);
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
