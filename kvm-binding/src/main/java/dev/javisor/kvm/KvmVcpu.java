package dev.javisor.kvm;

import dev.javisor.kvm.abi.CoalescedRing;
import dev.javisor.kvm.abi.Requests;
import dev.javisor.kvm.abi.RunPage;
import dev.javisor.kvm.abi.SignalMask;
import dev.javisor.linux.call.Errno;
import dev.javisor.linux.call.Syscall;
import dev.javisor.linux.call.SyscallException;
import dev.javisor.linux.fd.Fd;
import dev.javisor.linux.memory.Mapping;
import dev.javisor.linux.thread.ThreadSignal;
import dev.javisor.vmm.bus.Device;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VmExit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One vCPU descriptor (api.rst, 4, "vcpu ioctls", and 5). Its thread's signal mask blocks the kick
/// signal, which only `KVM_RUN` lets in: so a kick needs no handler and none is lost.
public final class KvmVcpu implements Vcpu {
  private final Fd fd;
  private final Arena arena = Arena.ofConfined();
  private final Arena kickArena = Arena.ofShared();
  private final RunPage run;
  private final CoalescedStores stores;
  private final @Nullable CoalescedRing ring;
  private final KvmVcpuRegisters registers;
  private final ThreadSignal signal;
  private final VmExit halted = new VmExit.Halted();
  private final VmExit shutdown = new VmExit.Shutdown();
  private final VmExit interrupted = new VmExit.Interrupted();
  private final Object kickLock = new Object();
  private @Nullable VmExit lastPortExit;
  private long lastIo;
  private boolean closed;
  private volatile boolean exitRequested;

  KvmVcpu(KvmHypervisor kvm, Fd fd, KvmCpuid cpuid, KvmCoalescing coalescing, int index) {
    this.fd = fd;
    // Shared, for the one byte that other threads write.
    MemorySegment mapping = Mapping.shared(fd, kvm.vcpuMmapBytes(), kickArena);
    this.run = new RunPage(mapping);
    this.stores = coalescing.stores();
    this.ring = coalescing.ring(mapping);
    this.signal = ThreadSignal.ofThisThread(arena);
    fd.ioctl(
        "KVM_SET_SIGNAL_MASK",
        SignalMask.KVM_SET_SIGNAL_MASK,
        SignalMask.allocate(signal.maskInsideCall(), arena));
    this.registers = new KvmVcpuRegisters(kvm, fd, arena);
    registers.prepare(cpuid.entries(index));
  }

  @Override
  public VmExit run() {
    while (true) {
      long result = Syscall.invoke(Syscall.IOCTL, fd.number(), Requests.KVM_RUN, 0, 0, 0, 0);
      if (result == -Errno.EINTR || result == -Errno.EAGAIN) {
        if (takeRequest()) {
          return interrupted;
        }
      } else if (result < 0) {
        throw new SyscallException("KVM_RUN", fd.toString(), (int) -result);
      } else {
        return exit();
      }
    }
  }

  /// After EINTR: first the flag, then the signal, then the request. The flag may have been seen
  /// before the signal came, which would then interrupt the next run; and EINTR without a request
  /// is somebody else's signal (HotSpot's, a profiler's): go on.
  private boolean takeRequest() {
    run.immediateExit(false);
    signal.eat();
    if (!exitRequested) {
      return false;
    }
    exitRequested = false;
    return true;
  }

  private VmExit exit() {
    int reason = run.exitReason();
    return switch (reason) {
      case RunPage.KVM_EXIT_IO -> portExit();
      case RunPage.KVM_EXIT_MMIO -> mmioExit();
      case RunPage.KVM_EXIT_HLT -> halted;
      case RunPage.KVM_EXIT_SHUTDOWN -> shutdown;
      case RunPage.KVM_EXIT_INTR -> interrupted;
      case RunPage.KVM_EXIT_FAIL_ENTRY ->
          new VmExit.Failed("KVM_EXIT_FAIL_ENTRY", run.failureReason());
      case RunPage.KVM_EXIT_INTERNAL_ERROR ->
          new VmExit.Failed("KVM_EXIT_INTERNAL_ERROR", run.subError());
      default -> new VmExit.Unknown(reason);
    };
  }

  /// A guest goes on at one port for a while, and an exit for one item says nothing but where:
  /// its data is in the page.
  private VmExit portExit() {
    long io = run.io();
    VmExit last = lastPortExit;
    if (last != null && io == lastIo) {
      return last;
    }
    VmExit exit = portExit(io);
    lastPortExit = RunPage.ioCount(io) == 1 ? exit : null;
    lastIo = io;
    return exit;
  }

  private VmExit portExit(long io) {
    int port = RunPage.ioPort(io);
    int size = RunPage.ioSize(io);
    int count = RunPage.ioCount(io);
    return RunPage.ioOut(io)
        ? new VmExit.PortOut(port, size, count, run.ioData(io))
        : new VmExit.PortIn(port, size, count, run.ioData(io));
  }

  private VmExit mmioExit() {
    long mmio = run.mmio();
    int length = RunPage.mmioLength(mmio);
    return RunPage.mmioWrite(mmio)
        ? new VmExit.MmioWrite(run.mmioAddress(), length, run.mmioValue(length))
        : new VmExit.MmioRead(run.mmioAddress(), length);
  }

  @Override
  public void deliver(Device ports, Device mmio) {
    if (ring != null) {
      stores.deliver(ring, ports, mmio);
    }
  }

  @Override
  public void answer(long value) {
    if (run.exitReason() == RunPage.KVM_EXIT_IO) {
      run.ioAnswer((int) value);
    } else {
      run.mmioAnswer(value);
    }
  }

  @Override
  public VmExit completeExit() {
    run.immediateExit(true);
    long result = Syscall.invoke(Syscall.IOCTL, fd.number(), Requests.KVM_RUN, 0, 0, 0, 0);
    // A request that came meanwhile loses its flag here but keeps its signal.
    run.immediateExit(false);
    if (result == -Errno.EINTR) {
      return interrupted;
    }
    Syscall.check(result, "KVM_RUN", fd + ", immediate_exit");
    return exit();
  }

  /// A request, the flag for a run about to begin, the signal for one that has begun; in this
  /// order, so that whichever the vCPU sees, it finds the request.
  @Override
  public void requestExit() {
    synchronized (kickLock) {
      if (closed) {
        return;
      }
      exitRequested = true;
      run.immediateExit(true);
      signal.send();
    }
  }

  @Override
  public void notifyPaused() {
    // EINVAL: the guest has no kvmclock to be told.
    fd.tryIoctl(Requests.KVM_KVMCLOCK_CTRL, 0);
  }

  /// Not through [#state(VcpuState)]: writing back a TSC read earlier would set this vCPU behind
  /// others.
  @Override
  public void enter(VcpuState.Registers general, VcpuState.SystemRegisters system) {
    registers.enter(general, system);
  }

  @Override
  public VcpuState state() {
    return registers.read();
  }

  @Override
  public void state(VcpuState state) {
    registers.write(state);
  }

  @Override
  public void close() {
    synchronized (kickLock) {
      closed = true;
    }
    signal.eat();
    fd.close();
    kickArena.close();
    arena.close();
  }
}
