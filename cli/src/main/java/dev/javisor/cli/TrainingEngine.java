package dev.javisor.cli;

import dev.javisor.vmm.hypervisor.Capability;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.irq.SoftDoorbell;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.MemorySegment;

/// What [AotTraining] has instead of a KVM: its one vCPU exits as [TrainingGuest] says, and then
/// asks for the end.
final class TrainingEngine implements Hypervisor {
  private final Runnable end;

  /// @param end ends the machine from outside
  TrainingEngine(Runnable end) {
    this.end = end;
  }

  @Override
  public String name() {
    return "training";
  }

  @Override
  public VirtualMachine createMachine(int vcpuCount) {
    return new Guest();
  }

  @Override
  public boolean supports(Capability capability) {
    return false;
  }

  @Override
  public void close() {}

  private final class Guest implements VirtualMachine {
    private MemorySegment ram = MemorySegment.NULL;

    @Override
    public void map(GuestRegion region) {
      ram = region.host();
    }

    @Override
    public void logDirtyPages(GuestRegion region, boolean on) {}

    @Override
    public long[] takeDirtyPages(GuestRegion region) {
      return new long[0];
    }

    @Override
    public Vcpu createVcpu(int index) {
      return new Processor(new TrainingGuest(ram));
    }

    @Override
    public InterruptLine line(int gsi) {
      return new Wire();
    }

    @Override
    public MsiTarget createMsi() {
      return new Wire();
    }

    @Override
    public Doorbell createDoorbell() {
      return new SoftDoorbell();
    }

    @Override
    public boolean connect(Doorbell doorbell, long gpa, int size) {
      return false;
    }

    @Override
    public void disconnect(Doorbell doorbell, long gpa, int size) {}

    @Override
    public void save(StateWriter out) {}

    @Override
    public void load(StateReader in) {}

    @Override
    public void close() {}
  }

  private static final class Wire implements InterruptLine, MsiTarget {
    @Override
    public void raise() {}

    @Override
    public void lower() {}

    @Override
    public void retarget(long address, int data) {}

    @Override
    public void signal() {}

    @Override
    public void close() {}
  }

  private final class Processor implements Vcpu {
    private final TrainingGuest guest;

    Processor(TrainingGuest guest) {
      this.guest = guest;
    }

    @Override
    public VmExit run() {
      VmExit next = guest.next();
      if (next == null) {
        end.run();
        return new VmExit.Interrupted();
      }
      return next;
    }

    @Override
    public void answer(long value) {}

    @Override
    public VmExit completeExit() {
      return new VmExit.Interrupted();
    }

    @Override
    public void requestExit() {}

    @Override
    public void enter(VcpuState.Registers registers, VcpuState.SystemRegisters system) {}

    @Override
    public void notifyPaused() {}

    @Override
    public VcpuState state() {
      throw new UnsupportedOperationException("nobody asks for it");
    }

    @Override
    public void state(VcpuState state) {}

    @Override
    public void close() {}
  }
}
