package dev.javisor.kvm;

import dev.javisor.kvm.abi.CoalescedRing;
import dev.javisor.kvm.abi.CoalescedZone;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.bus.AddressRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Stores that wait in a ring for the next exit (api.rst, KVM_REGISTER_COALESCED_MMIO). A ring that
/// is full makes the next one exit as usual. Any thread.
final class KvmCoalescing {
  private static final int PAGE_BYTES = 4096;

  private final KvmHypervisor kvm;
  private final Fd vm;
  private final CoalescedStores stores = new CoalescedStores();

  KvmCoalescing(KvmHypervisor kvm, Fd vm) {
    this.kvm = kvm;
    this.vm = vm;
  }

  /// False on a KVM that does not have it.
  boolean coalescePorts(AddressRange ports) {
    boolean able = kvm.portsCoalesce();
    if (able) {
      register(ports, true);
    }
    return able;
  }

  boolean coalesce(AddressRange gpas) {
    boolean able = kvm.ringPage() > 0;
    if (able) {
      register(gpas, false);
    }
    return able;
  }

  void separate(AddressRange gpas) {
    if (kvm.ringPage() > 0) {
      ioctl(
          "KVM_UNREGISTER_COALESCED_MMIO",
          CoalescedZone.KVM_UNREGISTER_COALESCED_MMIO,
          gpas,
          false);
    }
  }

  private void register(AddressRange range, boolean ports) {
    ioctl("KVM_REGISTER_COALESCED_MMIO", CoalescedZone.KVM_REGISTER_COALESCED_MMIO, range, ports);
  }

  private void ioctl(String name, long request, AddressRange range, boolean ports) {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct argument = NativeStruct.allocate(CoalescedZone.LAYOUT, scratch);
      new CoalescedZone(range.base(), (int) range.size(), ports).writeTo(argument.bytes());
      vm.ioctl(name, request, argument);
    }
  }

  CoalescedStores stores() {
    return stores;
  }

  /// The ring in what a vCPU maps; null on a KVM that does not have it.
  @Nullable CoalescedRing ring(MemorySegment vcpuMapping) {
    long page = kvm.ringPage();
    return page > 0
        ? new CoalescedRing(
            NativeStruct.of(vcpuMapping.asSlice(page * PAGE_BYTES, PAGE_BYTES)).bytes())
        : null;
  }
}
