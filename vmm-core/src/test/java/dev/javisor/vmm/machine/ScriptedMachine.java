package dev.javisor.vmm.machine;

import dev.javisor.vmm.bus.Device;
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
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// An engine without a processor: each vCPU exits as it was told to, then runs until it is kicked.
final class ScriptedMachine implements VirtualMachine {
  private final Map<Integer, ConcurrentLinkedQueue<VmExit>> scripts = new ConcurrentHashMap<>();
  private final Map<Integer, Long> answers = new ConcurrentHashMap<>();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger loaded = new AtomicInteger();
  private final AtomicInteger notified = new AtomicInteger();
  private final ConcurrentLinkedQueue<Long> waiting = new ConcurrentLinkedQueue<>();
  private volatile boolean refuses;

  void script(int vcpu, VmExit... exits) {
    scripts.put(vcpu, new ConcurrentLinkedQueue<>(java.util.List.of(exits)));
  }

  /// A store of one byte to `port` that waits for the next exit.
  void storeLater(int port, int value) {
    waiting.add((long) port << 8 | value);
  }

  void refuseVcpus() {
    refuses = true;
  }

  long answer(int vcpu) {
    return answers.getOrDefault(vcpu, 0L);
  }

  boolean allRest() {
    return running.get() == 0;
  }

  boolean awaitRunning(int vcpus, long millis) {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (running.get() < vcpus) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  int closed() {
    return closed.get();
  }

  int loaded() {
    return loaded.get();
  }

  int notifiedPaused() {
    return notified.get();
  }

  @Override
  public Vcpu createVcpu(int index) {
    if (refuses) {
      throw new IllegalStateException("no more vCPUs");
    }
    return new ScriptedVcpu(index);
  }

  private final class ScriptedVcpu implements Vcpu {
    private final int index;
    private final Semaphore kick = new Semaphore(0);

    ScriptedVcpu(int index) {
      this.index = index;
    }

    @Override
    public VmExit run() {
      ConcurrentLinkedQueue<VmExit> script = scripts.get(index);
      VmExit next = script == null ? null : script.poll();
      if (next != null) {
        return next;
      }
      running.incrementAndGet();
      kick.acquireUninterruptibly();
      running.decrementAndGet();
      return new VmExit.Interrupted();
    }

    @Override
    public void deliver(Device ports, Device mmio) {
      for (Long store; (store = waiting.poll()) != null; ) {
        ports.write(store >>> 8, 1, store & 0xFF);
      }
    }

    @Override
    public void answer(long value) {
      answers.put(index, value);
    }

    @Override
    public VmExit completeExit() {
      return new VmExit.Interrupted();
    }

    @Override
    public void requestExit() {
      kick.release();
    }

    @Override
    public void notifyPaused() {
      notified.incrementAndGet();
    }

    @Override
    public VcpuState state() {
      return VcpuStates.atReset();
    }

    @Override
    public void state(VcpuState state) {
      loaded.incrementAndGet();
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  @Override
  public void map(GuestRegion region) {}

  @Override
  public void logDirtyPages(GuestRegion region, boolean on) {}

  @Override
  public long[] takeDirtyPages(GuestRegion region) {
    return new long[0];
  }

  @Override
  public InterruptLine line(int gsi) {
    throw new AssertionError("no wires here");
  }

  @Override
  public MsiTarget createMsi() {
    throw new AssertionError("no wires here");
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
  public void save(StateWriter out) {
    out.record("scripted", 0, 1, fields -> fields.putInt(new TreeMap<>(answers).size()));
  }

  @Override
  public void load(StateReader in) {
    in.record("scripted", 0, 1).getInt();
  }

  @Override
  public void close() {}
}
