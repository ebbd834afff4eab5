package dev.javisor.kvm;

import dev.javisor.kvm.abi.CpuidEntry2;
import dev.javisor.kvm.abi.Requests;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.lang.foreign.Arena;
import java.util.List;

/// One VM descriptor (api.rst, 4, "vm ioctls") with the in-kernel interrupt controllers and PIT.
public final class KvmMachine implements VirtualMachine {
  /// Pages that Intel processors need for real mode; in the hole, above everything the board
  /// uses, and one after the other: the identity map takes one page, the TSS three (api.rst).
  private static final long IDENTITY_MAP_GPA = 0xFFFB_C000L;

  private static final long TSS_GPA = IDENTITY_MAP_GPA + 0x1000;

  private final KvmHypervisor kvm;
  private final Fd vm;
  private final KvmMemorySlots slots;
  private final KvmInterrupts interrupts;
  private final KvmDoorbells doorbells;
  private final KvmCoalescing coalescing;
  private final KvmChips chips;
  private final KvmCpuid cpuid;

  KvmMachine(KvmHypervisor kvm, Fd vm, int vcpuCount) {
    this.kvm = kvm;
    this.vm = vm;
    this.slots = new KvmMemorySlots(vm);
    this.interrupts = new KvmInterrupts(vm);
    this.doorbells = new KvmDoorbells(vm);
    this.coalescing = new KvmCoalescing(kvm, vm);
    this.chips = new KvmChips(vm);
    this.cpuid = new KvmCpuid(kvm.supportedCpuid(), vcpuCount);
    reservePages();
  }

  private void reservePages() {
    try (Arena scratch = Arena.ofConfined()) {
      vm.ioctl("KVM_SET_TSS_ADDR", Requests.KVM_SET_TSS_ADDR, TSS_GPA);
      NativeStruct identity = NativeStruct.ofLong(IDENTITY_MAP_GPA, scratch);
      vm.ioctl("KVM_SET_IDENTITY_MAP_ADDR", Requests.KVM_SET_IDENTITY_MAP_ADDR, identity);
    }
  }

  @Override
  public int physicalAddressBits() {
    return cpuid.physicalAddressBits();
  }

  @Override
  public void map(GuestRegion region) {
    slots.map(region);
  }

  @Override
  public void logDirtyPages(GuestRegion region, boolean on) {
    slots.logDirtyPages(region, on);
  }

  @Override
  public long[] takeDirtyPages(GuestRegion region) {
    return slots.takeDirtyPages(region);
  }

  @Override
  public KvmVcpu createVcpu(int index) {
    chips.make();
    Fd fd = Fd.of(vm.ioctl("KVM_CREATE_VCPU", Requests.KVM_CREATE_VCPU, index), "vcpu " + index);
    try {
      return new KvmVcpu(kvm, fd, cpuid, coalescing, index);
    } catch (RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /// What vCPU `index` is shown by CPUID, before the host's own quirks are seen.
  public List<CpuidEntry2> cpuid(int index) {
    return cpuid.entries(index);
  }

  @Override
  public InterruptLine line(int gsi) {
    chips.make();
    return interrupts.line(gsi);
  }

  @Override
  public MsiTarget createMsi() {
    chips.make();
    return interrupts.createMsi();
  }

  @Override
  public Doorbell createDoorbell() {
    return doorbells.create();
  }

  @Override
  public boolean connect(Doorbell doorbell, long gpa, int size) {
    return doorbells.connect(doorbell, gpa, size);
  }

  @Override
  public void disconnect(Doorbell doorbell, long gpa, int size) {
    doorbells.disconnect(doorbell, gpa, size);
  }

  @Override
  public boolean coalescePorts(AddressRange ports) {
    return coalescing.coalescePorts(ports);
  }

  @Override
  public boolean coalesce(AddressRange gpas) {
    return coalescing.coalesce(gpas);
  }

  @Override
  public void separate(AddressRange gpas) {
    coalescing.separate(gpas);
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
    vm.close();
  }
}
