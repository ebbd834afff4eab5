package dev.javisor.kvm;

import dev.javisor.kvm.abi.DirtyLog;
import dev.javisor.kvm.abi.UserspaceMemoryRegion;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.memory.GuestRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The slots of one VM, numbered in the order they were mapped.
final class KvmMemorySlots {
  private final Fd vm;
  private final List<GuestRegion> slots = new ArrayList<>();

  KvmMemorySlots(Fd vm) {
    this.vm = vm;
  }

  /// `KVM_SET_USER_MEMORY_REGION`. `region.host()` must outlive the VM's descriptor: the kernel
  /// keeps the address, not a reference.
  synchronized void map(GuestRegion region) {
    set(slots.size(), region, 0);
    slots.add(region);
  }

  /// A change of flags is what clears the log, so one that is on goes off first.
  synchronized void logDirtyPages(GuestRegion region, boolean on) {
    int slot = slotOf(region);
    set(slot, region, 0);
    if (on) {
      set(slot, region, UserspaceMemoryRegion.KVM_MEM_LOG_DIRTY_PAGES);
    }
  }

  private void set(int slot, GuestRegion region, int flags) {
    int all = flags | (region.readOnly() ? UserspaceMemoryRegion.KVM_MEM_READONLY : 0);
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct argument = NativeStruct.allocate(UserspaceMemoryRegion.LAYOUT, scratch);
      new UserspaceMemoryRegion(slot, all, region.gpa(), region.size(), region.host().address())
          .writeTo(argument.bytes());
      vm.ioctl(
          "KVM_SET_USER_MEMORY_REGION", UserspaceMemoryRegion.KVM_SET_USER_MEMORY_REGION, argument);
    }
  }

  /// `KVM_GET_DIRTY_LOG`, which clears what it reports.
  synchronized long[] takeDirtyPages(GuestRegion region) {
    long pages = region.size() / GuestRegion.PAGE_BYTES;
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment bitmap = scratch.allocate((pages + 63) / 64 * 8, 8);
      NativeStruct argument = NativeStruct.allocate(DirtyLog.LAYOUT, scratch);
      new DirtyLog(slotOf(region), bitmap.address()).writeTo(argument.bytes());
      vm.ioctl("KVM_GET_DIRTY_LOG", DirtyLog.KVM_GET_DIRTY_LOG, argument);
      return bitmap.toArray(ValueLayout.JAVA_LONG);
    }
  }

  private int slotOf(GuestRegion region) {
    int slot = slots.indexOf(region);
    if (slot < 0) {
      throw new IllegalArgumentException("not mapped here: 0x%x".formatted(region.gpa()));
    }
    return slot;
  }
}
