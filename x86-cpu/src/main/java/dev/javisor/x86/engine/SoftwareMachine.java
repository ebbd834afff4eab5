package dev.javisor.x86.engine;

import dev.javisor.vmm.backend.TimeSource;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A machine of our own processors, with the chips that KVM has.
public final class SoftwareMachine implements VirtualMachine {
  private static final int STATE_VERSION = 1;

  private final CpuModel model;
  private final int vcpuCount;
  private final EngineOptions options;
  private final MachineMemory memory = new MachineMemory();
  private final Doorbells doorbells = new Doorbells();
  private final AtomicReferenceArray<@Nullable SoftwareVcpu> vcpus;
  private final TimeSource time;
  private final ChipSet chips;
  private final Schedule schedule;
  private VmExit.@Nullable Failed failure; // guarded by this

  SoftwareMachine(EngineOptions options, int vcpuCount) {
    this.options = options;
    this.model = options.model();
    this.vcpuCount = vcpuCount;
    this.vcpus = new AtomicReferenceArray<>(vcpuCount);
    Pace pace = options.pace();
    if (pace == null) {
      this.time = options.time();
      this.chips = new ChipSet(time, vcpuCount, this::wake);
      this.schedule = new WallSchedule(chips.timers(), this::fail);
    } else if (vcpuCount == 1) {
      VirtualTime virtual = new VirtualTime(pace, () -> instructions(0));
      this.time = virtual;
      this.chips = new ChipSet(time, vcpuCount, this::wake);
      this.schedule = new InstructionSchedule(virtual, chips.timers(), () -> wake(0));
    } else {
      throw new IllegalArgumentException("time by instructions is for machines with one vCPU");
    }
  }

  /// How many instructions vCPU `index` has run. Its thread, or any while it rests.
  public long instructions(int index) {
    SoftwareVcpu vcpu = vcpus.get(index);
    return vcpu == null ? 0 : vcpu.instructions();
  }

  @Override
  public TimeSource time() {
    return time;
  }

  /// No timer fires any more: the vCPUs, those to come too, have nothing to go on with.
  private synchronized void fail(Throwable thrown) {
    failure = new VmExit.Failed("the machine's timers: " + thrown, 0);
    for (int i = 0; i < vcpuCount; i++) {
      SoftwareVcpu vcpu = vcpus.get(i);
      if (vcpu != null) {
        vcpu.fail(failure);
      }
    }
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
  public void map(GuestMemory ram) {
    memory.mapRam(ram.flat(), ram.regions());
  }

  /// RAM at 0 is all the RAM there is.
  @Override
  public void map(GuestRegion region) {
    if (region.gpa() == 0 && !region.readOnly()) {
      memory.mapRam(region.host(), List.of(region));
    } else {
      memory.mapOther(region);
    }
  }

  @Override
  public void logDirtyPages(GuestRegion region, boolean on) {
    memory.run(region).log(on);
    memory.forgetWriteRights();
  }

  @Override
  public long[] takeDirtyPages(GuestRegion region) {
    long[] taken = memory.run(region).takeDirtyPages();
    memory.forgetWriteRights();
    return taken;
  }

  @Override
  public synchronized SoftwareVcpu createVcpu(int index) {
    SoftwareVcpu vcpu =
        new SoftwareVcpu(index, vcpuCount, model, memory, chips, doorbells, schedule, options);
    vcpus.set(index, vcpu);
    if (failure != null) {
      vcpu.fail(failure);
    }
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
    return schedule.createDoorbell();
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
    out.record("software-time", 0, STATE_VERSION, this::saveTime);
    chips.save(out);
  }

  /// Host time is nobody's state: only the instructions' is.
  private void saveTime(StateWriter out) {
    out.putLong(options.pace() == null ? 0 : time.nanoTime());
    out.putInt(vcpuCount);
    for (int i = 0; i < vcpuCount; i++) {
      out.putLong(instructions(i));
    }
  }

  private void loadTime(StateReader in) {
    long nanos = in.getLong();
    int count = in.getCount(vcpuCount);
    for (int i = 0; i < count; i++) {
      SoftwareVcpu vcpu = vcpus.get(i);
      long instructions = in.getLong();
      if (vcpu != null) {
        vcpu.instructions(instructions);
      }
    }
    schedule.goOnFrom(nanos);
  }

  @Override
  public void load(StateReader in) {
    loadTime(in.record("software-time", 0, STATE_VERSION));
    chips.load(in);
  }

  @Override
  public void close() {
    schedule.close();
  }
}
