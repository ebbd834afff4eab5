package dev.javisor.kvm;

import dev.javisor.kvm.abi.Capabilities;
import dev.javisor.kvm.abi.CpuidEntry2;
import dev.javisor.kvm.abi.Msrs;
import dev.javisor.kvm.abi.Requests;
import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.call.Syscall;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.hypervisor.Capability;
import dev.javisor.vmm.hypervisor.Hypervisor;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `/dev/kvm` (api.rst, 2 and 4, "system ioctls"). Any thread.
public final class KvmHypervisor implements Hypervisor {
  static final String DEVICE = "/dev/kvm";
  private static final int CPUID_ENTRIES_MAX = 256;

  private final Fd kvm;
  private final int vcpuMmapBytes;
  private final int ringPage;
  private final boolean portsCoalesce;
  private @Nullable List<CpuidEntry2> supportedCpuid;
  private int @Nullable [] msrIndexList;

  private KvmHypervisor(Fd kvm) {
    this.kvm = kvm;
    this.vcpuMmapBytes =
        (int) kvm.ioctl("KVM_GET_VCPU_MMAP_SIZE", Requests.KVM_GET_VCPU_MMAP_SIZE, 0);
    this.ringPage = extension(Capabilities.KVM_CAP_COALESCED_MMIO);
    this.portsCoalesce = extension(Capabilities.KVM_CAP_COALESCED_PIO) > 0;
  }

  /// @throws dev.javisor.linux.call.SyscallException if there is no KVM or this user may not use it
  public static KvmHypervisor open() {
    Fd kvm = Fd.open(DEVICE, Fd.O_RDWR, "`javisor doctor` says whether this host has a usable KVM");
    long version = kvm.ioctl("KVM_GET_API_VERSION", Requests.KVM_GET_API_VERSION, 0);
    if (version != Capabilities.KVM_API_VERSION) {
      kvm.close();
      throw new IllegalStateException(
          DEVICE + ": KVM API version " + version + ", this build speaks 12");
    }
    return new KvmHypervisor(kvm);
  }

  @Override
  public String name() {
    return "kvm";
  }

  @Override
  public KvmMachine createMachine(int vcpuCount) {
    Fd vm = createVm();
    try {
      return new KvmMachine(this, vm, vcpuCount);
    } catch (RuntimeException e) {
      vm.close();
      throw e;
    }
  }

  private Fd createVm() {
    // EINTR: the kernel gives up when a signal arrives while it makes the VM; HotSpot sends them.
    for (int tries = 0; ; tries++) {
      long vm = kvm.tryIoctl(Requests.KVM_CREATE_VM, 0);
      if (vm != -Errno.EINTR || tries == 100) {
        return Fd.of(Syscall.check(vm, "KVM_CREATE_VM", kvm.toString()), "vm");
      }
    }
  }

  @Override
  public boolean supports(Capability capability) {
    return switch (capability) {
      case INTERRUPT_BY_EVENTFD -> extension(Capabilities.KVM_CAP_IRQFD) > 0;
      case DOORBELL_BY_EVENTFD -> extension(Capabilities.KVM_CAP_IOEVENTFD) > 0;
      case READ_ONLY_MEMORY -> extension(Capabilities.KVM_CAP_READONLY_MEM) > 0;
      case HARDWARE -> true; // until the probe says otherwise: KvmProbe
    };
  }

  /// `KVM_CHECK_EXTENSION`: 0 when absent.
  public int extension(int capability) {
    return (int) kvm.ioctl("KVM_CHECK_EXTENSION", Requests.KVM_CHECK_EXTENSION, capability);
  }

  int vcpuMmapBytes() {
    return vcpuMmapBytes;
  }

  /// Which page of a vCPU's mapping is the ring of stores that wait; 0 if there is none.
  int ringPage() {
    return ringPage;
  }

  /// Whether that ring takes stores to ports, too.
  boolean portsCoalesce() {
    return portsCoalesce;
  }

  /// The XSAVE area's size in bytes, at least 4096.
  int xsaveBytes() {
    return Math.max(4096, extension(Capabilities.KVM_CAP_XSAVE2));
  }

  /// `KVM_GET_SUPPORTED_CPUID`: what this KVM can show a guest on this host. Asked once: in a
  /// virtual machine each of the host's CPUID instructions is an exit.
  public synchronized List<CpuidEntry2> supportedCpuid() {
    List<CpuidEntry2> known = supportedCpuid;
    if (known == null) {
      known = askSupportedCpuid();
      supportedCpuid = known;
    }
    return known;
  }

  private List<CpuidEntry2> askSupportedCpuid() {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct argument = CpuidEntry2.allocate(CPUID_ENTRIES_MAX, scratch);
      kvm.ioctl("KVM_GET_SUPPORTED_CPUID", CpuidEntry2.KVM_GET_SUPPORTED_CPUID, argument);
      return List.copyOf(CpuidEntry2.readAll(argument));
    }
  }

  /// `KVM_GET_MSR_INDEX_LIST`: what belongs to a vCPU's state. Asked once.
  synchronized int[] msrIndexList() {
    int[] known = msrIndexList;
    if (known == null) {
      known = askMsrIndexList();
      msrIndexList = known;
    }
    return known;
  }

  private int[] askMsrIndexList() {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct list = Msrs.allocateList(0, scratch);
      // E2BIG: with room for none the kernel only says how many there are.
      kvm.tryIoctl(Msrs.KVM_GET_MSR_INDEX_LIST, list.address());
      list = Msrs.allocateList(Msrs.count(list.bytes()), scratch);
      kvm.ioctl("KVM_GET_MSR_INDEX_LIST", Msrs.KVM_GET_MSR_INDEX_LIST, list);
      return Msrs.readList(list.bytes());
    }
  }

  @Override
  public void close() {
    kvm.close();
  }
}
