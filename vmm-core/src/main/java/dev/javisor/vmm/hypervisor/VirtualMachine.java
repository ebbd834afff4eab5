package dev.javisor.vmm.hypervisor;

import dev.javisor.vmm.backend.TimeSource;
import dev.javisor.vmm.bus.AddressRange;
import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.Stateful;

/// One guest: its memory slots, its vCPUs and its interrupt controllers. Any thread may call,
/// except where a method says otherwise. Its state is that of the machine-wide chips (PIC, I/O
/// APIC, PIT, clock); load it before the vCPUs' own.
public interface VirtualMachine extends AutoCloseable, Stateful {

  /// The guest's MAXPHYADDR (SDM 3A, 4.1.4): addresses have this many bits. 36 is what every
  /// long-mode processor has.
  default int physicalAddressBits() {
    return 36;
  }

  /// The machine's clock, for every timer and clock that devices have.
  default TimeSource time() {
    return TimeSource.HOST;
  }

  /// Shows `region` to the guest. Regions never overlap and are page-aligned (4096 bytes). The
  /// segment must stay open until this machine is closed. KVM: `KVM_SET_USER_MEMORY_REGION`.
  void map(GuestRegion region);

  /// Shows all of `ram` to the guest, which has no other RAM.
  default void map(GuestMemory ram) {
    ram.regions().forEach(this::map);
  }

  /// Is told that RAM changed from outside a vCPU: an engine that keeps decoded code drops what it
  /// made of those bytes. Any thread.
  default void written(long gpa, long size) {}

  /// Turns the log of the guest's own writes to `region` on or off; on clears it.
  void logDirtyPages(GuestRegion region, boolean on);

  /// The pages of `region` written by the guest since the last call, a bit each, lowest page in bit
  /// 0 of word 0; asking clears. What devices wrote is not in here: see
  /// [dev.javisor.vmm.memory.DirtyPages]. KVM: `KVM_GET_DIRTY_LOG`.
  long[] takeDirtyPages(GuestRegion region);

  /// Call on the thread that will run the vCPU: vcpu ioctls stay on their thread (api.rst, 1).
  /// vCPU 0 is the boot processor, the others wait for INIT and SIPI.
  Vcpu createVcpu(int index);

  /// The wire into pin `gsi` of the I/O APIC, 0..23.
  InterruptLine line(int gsi);

  /// One more message-signalled interrupt, pointing nowhere yet.
  MsiTarget createMsi();

  /// One more doorbell, connected to no address yet.
  Doorbell createDoorbell();

  /// Makes guest stores of `size` bytes (1, 2, 4 or 8; 0: any) to `gpa` ring `doorbell` without an
  /// exit. Returns false where the engine has no such shortcut: then the store exits as usual and
  /// the device behind that address rings.
  boolean connect(Doorbell doorbell, long gpa, int size);

  /// Undoes [#connect]. No effect when not connected.
  void disconnect(Doorbell doorbell, long gpa, int size);

  /// Lets guest stores inside these ports wait for the next exit of any kind instead of being
  /// one; [Vcpu#deliver] hands them over. For registers whose change nobody sees before an access
  /// that exits. Returns false where the engine cannot: then they exit as usual. KVM:
  /// `KVM_REGISTER_COALESCED_MMIO`.
  default boolean coalescePorts(AddressRange ports) {
    return false;
  }

  /// As [#coalescePorts], for stores to memory-mapped registers.
  default boolean coalesce(AddressRange gpas) {
    return false;
  }

  /// Undoes [#coalesce].
  default void separate(AddressRange gpas) {}

  @Override
  void close();
}
