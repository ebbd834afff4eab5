package dev.javisor.x86.engine;

import dev.javisor.vmm.hypervisor.Capability;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.machine.TimeSource;
import java.util.function.Consumer;

/// The engine that needs nothing of the host but Java.
public final class SoftwareHypervisor implements Hypervisor {
  private final TimeSource time;
  private final Consumer<String> log;

  /// By the host's clocks, and silent.
  public SoftwareHypervisor() {
    this(TimeSource.HOST, _ -> {});
  }

  /// @param log told how fast each vCPU was, on its thread, when it is closed
  public SoftwareHypervisor(TimeSource time, Consumer<String> log) {
    this.time = time;
    this.log = log;
  }

  @Override
  public String name() {
    return "software";
  }

  @Override
  public SoftwareMachine createMachine(int vcpuCount) {
    return new SoftwareMachine(time, CpuModel.standard(), vcpuCount, log);
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
