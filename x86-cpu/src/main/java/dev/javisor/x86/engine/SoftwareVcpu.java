package dev.javisor.x86.engine;

import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.x86.chip.LocalApic;
import dev.javisor.x86.code.Interpreter;
import dev.javisor.x86.mmu.Paging;
import dev.javisor.x86.state.AccessExit;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.Interrupts;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One vCPU on our own processor. [#run] does what KVM's does: it comes back for accesses to
/// devices, for a shutdown and when asked to, and waits in HLT itself.
public final class SoftwareVcpu implements Vcpu {
  /// Instructions between two looks around when nobody kicks.
  private static final int SLICE = 1 << 24;

  /// KVM_INTERNAL_ERROR_DELIVERY_EV (Linux, include/uapi/linux/kvm.h).
  private static final int DELIVERY_EVENT = 3;

  private final int index;
  private final MachineMemory memory;
  private final PendingAccess accesses;
  private final LocalApic apic;
  private final ParavirtualEoi eoi;
  private final Cpu cpu;
  private final Interpreter interpreter;
  private final CpuStates states;
  private final VmExit shutdown = new VmExit.Shutdown();
  private final VmExit interrupted = new VmExit.Interrupted();
  private final CodeView code;
  private final Observer observer;
  private final Schedule schedule;
  private final EngineOptions options;
  private long horizon;
  private long nextLook;
  private volatile @Nullable Thread runner;
  private volatile boolean exitRequested;
  private volatile @Nullable VmExit failure;
  private volatile boolean closed;

  SoftwareVcpu(
      int index,
      int vcpuCount,
      CpuModel model,
      MachineMemory memory,
      ChipSet chips,
      Doorbells doorbells,
      Schedule schedule,
      EngineOptions options) {
    this.memory = memory;
    this.schedule = schedule;
    this.options = options;
    this.nextLook = options.watch().after(0);
    this.accesses = new PendingAccess(schedule.isExact());
    this.index = index;
    this.apic = chips.apic(index);
    VcpuMemory view = new VcpuMemory(memory, chips, apic, doorbells, accesses);
    VcpuPlatform platform = new VcpuPlatform(model, chips, index, vcpuCount, view, accesses);
    this.eoi = view.eoi();
    Paging paging = new Paging(view);
    this.cpu = new Cpu(memory.ram(), paging, platform);
    this.interpreter = new Interpreter(cpu, paging, memory.code(), options.executor().get());
    this.states = new CpuStates(cpu, apic, platform, model, index);
    this.code = new CodeView(cpu, paging);
    this.observer = new Observer(index, code, options.trace(), options.log());
    cpu.witness(observer);
    states.reset();
    if (index != 0) {
      cpu.set(Slots.ACTIVITY, Slots.WAITING);
    }
    memory.processors().join(cpu);
  }

  @Override
  public VmExit run() {
    runner = Thread.currentThread();
    schedule.begins();
    cpu.mailbox().enter();
    try {
      return finishAccess() ? untilExit() : pending();
    } catch (AccessExit onTheWay) {
      return undeliverable();
    } finally {
      cpu.mailbox().leave();
    }
  }

  private VmExit untilExit() {
    while (true) {
      cpu.clearKick();
      if (exitRequested) {
        exitRequested = false;
        schedule.stops();
        return interrupted;
      }
      VmExit failed = failure;
      if (failed != null) {
        return failed;
      }
      schedule.runDue(this::isExitRequested);
      watch();
      lookAround();
      if (cpu.get(Slots.ACTIVITY) == Slots.SHUTDOWN) {
        return shutdown;
      } else if (cpu.get(Slots.ACTIVITY) != Slots.RUNNING) {
        rest();
      } else if (execute() == Interpreter.Stop.ACCESS && !(accesses.isOurs() && finishAccess())) {
        return pending();
      }
    }
  }

  /// Whether [#requestExit] was called and [#run] has not come back for it yet. Any thread.
  public boolean isExitRequested() {
    return exitRequested;
  }

  private void watch() {
    long now = instructions();
    if (now >= nextLook) {
      options.watch().look().at(this, now);
      nextLook = options.watch().after(now);
    }
  }

  private VmExit pending() {
    VmExit access = accesses.pending();
    if (access == null) {
      throw new IllegalStateException("an instruction waits for nothing");
    }
    return access;
  }

  /// Tables or a stack in a device's registers, needed between two instructions: no instruction
  /// could be run again with the answer. KVM gives up too.
  private VmExit undeliverable() {
    String access = String.valueOf(accesses.pending());
    accesses.cancel();
    return new VmExit.Failed(
        "delivery of an exception or interrupt through a device's registers: " + access,
        DELIVERY_EVENT);
  }

  private Interpreter.Stop execute() {
    long now = instructions();
    if (observer.traces(now)) {
      observer.about(cpu, now);
      budget(1);
    } else {
      long most = Math.min(nextLook - now, options.trace().isQuietFor(now));
      budget((int) Math.min(schedule.slice(SLICE), most));
    }
    return interpreter.run();
  }

  /// Lets it run `count` instructions from here.
  private void budget(int count) {
    horizon = instructions() + count;
    cpu.budget(count);
  }

  /// How many instructions it has run; exact between two of them, and in one that runs by itself,
  /// which it counts. Its own thread.
  public long instructions() {
    return horizon - cpu.budget();
  }

  /// Goes on from a saved count. While it rests.
  void instructions(long count) {
    horizon = count + cpu.budget();
    nextLook = options.watch().after(count);
  }

  /// Runs the instruction that waits for an answer; false when it asks for another. Between two
  /// repetitions it is like any other, so that interrupts and requests are seen there.
  private boolean finishAccess() {
    if (!accesses.isWaiting()) {
      return true;
    }
    accesses.resume();
    budget(1);
    boolean isDone = interpreter.runOne() == Interpreter.Stop.ATTENTION || accesses.isFirst();
    if (isDone) {
      accesses.cancel();
    }
    return isDone;
  }

  /// Until someone kicks; who only wants something of the TLB need not.
  private void rest() {
    if (schedule.skipIdle()) {
      return;
    }
    cpu.mailbox().leave();
    while (!cpu.isKicked()) {
      LockSupport.park(this);
    }
    cpu.mailbox().enter();
  }

  /// Takes what others have left: mail, INIT and start-up, NMIs and interrupts.
  private void lookAround() {
    cpu.mailbox().look();
    if (apic.attention()) {
      attend();
    }
  }

  private void attend() {
    if (apic.isRequested()) {
      eoi.withdraw();
    }
    if (apic.takeInit()) {
      states.init();
    }
    int page = apic.takeStartup();
    if (page >= 0 && cpu.get(Slots.ACTIVITY) == Slots.WAITING) {
      states.startUp(page);
    }
    boolean isOpen = cpu.get(Slots.ACTIVITY) <= Slots.HALTED && cpu.get(Slots.SHADOW) == 0;
    if (isOpen && cpu.get(Slots.NMI_MASKED) == 0 && apic.takeNmi()) {
      cpu.set(Slots.NMI_MASKED, 1);
      deliver(CpuFault.NMI);
    } else if (isOpen && cpu.flag(Flags.IF)) {
      deliverRequested();
    }
  }

  private void deliverRequested() {
    boolean isDeliverable = apic.deliverable() >= 0;
    if (isDeliverable || apic.isRequested()) {
      eoi.withdraw(); // it may have come since the look above
    }
    int vector = isDeliverable ? apic.acknowledge() : -1;
    if (vector >= 0) {
      deliver(vector);
      eoi.offer();
    }
  }

  private void deliver(int vector) {
    cpu.set(Slots.ACTIVITY, Slots.RUNNING);
    Interrupts.interrupt(cpu, vector, Interrupts.Source.EXTERNAL);
  }

  @Override
  public void answer(long value) {
    accesses.answer(value);
  }

  @Override
  public VmExit completeExit() {
    runner = Thread.currentThread();
    cpu.mailbox().enter();
    try {
      if (!finishAccess()) {
        return pending();
      }
      schedule.stops();
      return interrupted;
    } catch (AccessExit onTheWay) {
      return undeliverable();
    } finally {
      cpu.mailbox().leave();
    }
  }

  @Override
  public void requestExit() {
    if (!closed) {
      exitRequested = true;
      wake();
    }
  }

  /// Has it end with `exit`. Any thread.
  void fail(VmExit exit) {
    failure = exit;
    wake();
  }

  /// Has it look around. Any thread.
  void wake() {
    cpu.kick();
    LockSupport.unpark(runner);
  }

  @Override
  public void notifyPaused() {
    // The guest's clock is the wall's, and its flag for this is not offered.
  }

  @Override
  public String diagnosis() {
    return "instructions %d; at RIP: %s%nentered lately: %s%nlast exceptions: %s"
        .formatted(
            instructions(),
            code.hex() + "  = " + code.instruction(),
            hex(interpreter.trail().last()),
            String.join(", ", observer.lastExceptions()));
  }

  private static String hex(long[] places) {
    return Arrays.stream(places).mapToObj("%016x"::formatted).collect(Collectors.joining(" "));
  }

  @Override
  public VcpuState state() {
    return states.read();
  }

  @Override
  public void state(VcpuState state) {
    accesses.cancel();
    cpu.mailbox().enter();
    try {
      states.write(state);
    } finally {
      cpu.mailbox().leave();
    }
  }

  @Override
  public void close() {
    closed = true;
    schedule.stops();
    if (runner == Thread.currentThread()) {
      options.log().accept(Speed.of(index, instructions()));
      if (index == 0) {
        options.log().accept("decoded code: about %,d KiB".formatted(memory.code().weight() >> 10));
      }
    }
    memory.processors().leave(cpu);
  }
}
