package dev.javisor.benchmarks;

import dev.javisor.kvm.abi.Regs;
import dev.javisor.kvm.abi.Requests;
import dev.javisor.kvm.abi.SignalMask;
import dev.javisor.kvm.abi.Sregs;
import dev.javisor.kvm.abi.UserspaceMemoryRegion;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.fd.Fd;
import dev.javisor.linux.memory.Mapping;
import dev.javisor.linux.thread.ThreadSignal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A vCPU by its numbers, as `calls.c` makes it: 4 KiB, `out 0x10, al` for ever, and the kick's
/// signal mask. For bindings that are not ours.
final class RawVcpu implements AutoCloseable {
  static final int IMMEDIATE_EXIT = 1;
  static final int EXIT_REASON = 8;
  static final int IO = 32;
  static final int EXIT_IO = 2;

  private static final byte[] CODE = {(byte) 0xE6, 0x10, (byte) 0xEB, (byte) 0xFC};
  private static final int CS_BASE = 0;
  private static final int CS_SELECTOR = 12;
  private static final int RIP = 128;
  private static final int RFLAGS = 136;

  private final Arena arena = Arena.ofShared();
  private final Fd kvm = Fd.open("/dev/kvm", Fd.O_RDWR, "no KVM");
  private final Fd vm = Fd.of(kvm.ioctl("KVM_CREATE_VM", Requests.KVM_CREATE_VM, 0), "vm");
  private final Fd vcpu;
  private final MemorySegment page;

  RawVcpu() {
    vm.ioctl("KVM_SET_TSS_ADDR", Requests.KVM_SET_TSS_ADDR, 0xFFFB_D000L);
    vm.ioctl("KVM_CREATE_IRQCHIP", Requests.KVM_CREATE_IRQCHIP, 0);
    MemorySegment ram = Mapping.anonymous(4096, arena);
    ram.copyFrom(MemorySegment.ofArray(CODE));
    NativeStruct slot = NativeStruct.allocate(UserspaceMemoryRegion.LAYOUT, arena);
    slot.bytes().putLong(16, 4096).putLong(24, ram.address());
    vm.ioctl("memory", UserspaceMemoryRegion.KVM_SET_USER_MEMORY_REGION, slot);
    vcpu = Fd.of(vm.ioctl("KVM_CREATE_VCPU", Requests.KVM_CREATE_VCPU, 0), "vcpu");
    long bytes = kvm.ioctl("KVM_GET_VCPU_MMAP_SIZE", Requests.KVM_GET_VCPU_MMAP_SIZE, 0);
    page = Mapping.shared(vcpu, bytes, arena);
    long mask = ThreadSignal.ofThisThread(arena).maskInsideCall();
    vcpu.ioctl("mask", SignalMask.KVM_SET_SIGNAL_MASK, SignalMask.allocate(mask, arena));
    enter();
  }

  private void enter() {
    NativeStruct system = NativeStruct.allocate(Sregs.LAYOUT, arena);
    vcpu.ioctl("KVM_GET_SREGS", Sregs.KVM_GET_SREGS, system);
    system.bytes().putLong(CS_BASE, 0).putShort(CS_SELECTOR, (short) 0);
    vcpu.ioctl("KVM_SET_SREGS", Sregs.KVM_SET_SREGS, system);
    NativeStruct general = NativeStruct.allocate(Regs.LAYOUT, arena);
    general.bytes().putLong(RIP, 0).putLong(RFLAGS, 2);
    vcpu.ioctl("KVM_SET_REGS", Regs.KVM_SET_REGS, general);
  }

  Fd kvm() {
    return kvm;
  }

  Fd vcpu() {
    return vcpu;
  }

  MemorySegment page() {
    return page;
  }

  @Override
  public void close() {
    vcpu.close();
    vm.close();
    kvm.close();
    arena.close();
  }
}
