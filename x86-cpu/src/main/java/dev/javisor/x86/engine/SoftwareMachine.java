package dev.javisor.x86.engine;

import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.irq.SoftDoorbell;
import dev.javisor.vmm.machine.TimeSource;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A machine of our own processors, with the chips that KVM has.
public final class SoftwareMachine implements VirtualMachine {
  private final CpuModel model;
  private final int vcpuCount;
  private final Consumer<String> log;
  private final MachineMemory memory = new MachineMemory();
  private final Doorbells doorbells = new Doorbells();
  private final AtomicReferenceArray<@Nullable SoftwareVcpu> vcpus;
  private final ChipSet chips;
  private final Sleeper sleeper;

  SoftwareMachine(TimeSource time, CpuModel model, int vcpuCount, Consumer<String> log) {
    this.log = log;
    this.model = model;
    this.vcpuCount = vcpuCount;
    this.vcpus = new AtomicReferenceArray<>(vcpuCount);
    this.chips = new ChipSet(time, vcpuCount, this::wake);
    this.sleeper = Sleeper.start(chips.timers(), this::fail);
  }

  /// No timer fires any more: the vCPUs have nothing to go on with.
  private void fail(Throwable thrown) {
    for (int i = 0; i < vcpuCount; i++) {
      SoftwareVcpu vcpu = vcpus.get(i);
      if (vcpu != null) {
        vcpu.fail(new VmExit.Failed("the machine's timers: " + thrown, 0));
      }
    }
  }

  /// Has the timers' thread look at its clock.
  void wakeTimers() {
    sleeper.wake();
  }

  private void wake(int index) {
    SoftwareVcpu vcpu = vcpus.get(index);
    if (vcpu != null) {
      vcpu.wake();
    }
  }

  @Override
  public int physicalAddressBits() {
    return CpuModel.PHYSICAL_BITS;
  }

  @Override
  public void map(GuestRegion region) {
    memory.map(region);
  }

  @Override
  public void logDirtyPages(GuestRegion region, boolean on) {
    memory.logDirtyPages(region, on);
    memory.forgetWriteRights();
  }

  @Override
  public long[] takeDirtyPages(GuestRegion region) {
    long[] taken = memory.takeDirtyPages(region);
    memory.forgetWriteRights();
    return taken;
  }

  @Override
  public SoftwareVcpu createVcpu(int index) {
    SoftwareVcpu vcpu = new SoftwareVcpu(index, vcpuCount, model, memory, chips, doorbells, log);
    vcpus.set(index, vcpu);
    return vcpu;
  }

  @Override
  public InterruptLine line(int gsi) {
    return chips.line(gsi);
  }

  @Override
  public MsiTarget createMsi() {
    return new SoftwareMsi(chips.apicBus());
  }

  @Override
  public Doorbell createDoorbell() {
    return new SoftDoorbell();
  }

  @Override
  public boolean connect(Doorbell doorbell, long gpa, int size) {
    doorbells.connect(doorbell, gpa, size);
    return true;
  }

  @Override
  public void disconnect(Doorbell doorbell, long gpa, int size) {
    doorbells.disconnect(doorbell, gpa, size);
  }

  @Override
  public void written(long gpa, long size) {
    memory.written(gpa, size);
  }

  @Override
  public void save(StateWriter out) {
    chips.save(out);
  }

  @Override
  public void load(StateReader in) {
    chips.load(in);
  }

  @Override
  public void close() {
    sleeper.close();
  }
}
