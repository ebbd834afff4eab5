package dev.javisor.x86.fuzz;

import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.irq.Doorbell;
import dev.javisor.vmm.irq.InterruptLine;
import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateException;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.x86.engine.CpuTrace;
import dev.javisor.x86.engine.EngineOptions;
import dev.javisor.x86.engine.Pace;
import dev.javisor.x86.engine.SoftwareHypervisor;
import dev.javisor.x86.engine.SoftwareMachine;
import dev.javisor.x86.engine.SoftwareVcpu;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// A machine that is many random guests, one after the other. What a run does depends on its seed
/// alone, but for when it is ended and when timers fire.
final class FuzzMachine implements AutoCloseable {
  /// After so many the run is over.
  private static final int EXITS_MAX = 40;

  private static final long RUN_NANOS_MOST = 200_000;
  private static final int INSTRUCTIONS = 250;
  private static final int ROM_BYTES = 0x2000;
  private static final int DMA_BYTES_MOST = 128;

  private static final Pace PACE = new Pace(10, 0);

  /// All of the first runs' instructions, and then as without one.
  private static final CpuTrace TRACE = new CpuTrace(1000, 100_000, _ -> {});

  /// What a guest may have the engine give up with.
  private static final String DELIVERY = "delivery of an exception or interrupt";

  private final Arena arena = Arena.ofShared();
  private final MemorySegment ram = arena.allocate(Layout.RAM_BYTES, GuestRegion.PAGE_BYTES);
  private final GuestRegion region = new GuestRegion(0, ram, false);
  private final MemorySegment rom = arena.allocate(ROM_BYTES, GuestRegion.PAGE_BYTES);
  private final SoftwareHypervisor hypervisor;
  private final SoftwareMachine vm;
  private final List<SoftwareVcpu> vcpus = new ArrayList<>();
  private final List<Watchdog.Watched> watched = new ArrayList<>();
  private final List<VcpuState> resets = new ArrayList<>();
  private final @Nullable ExecutorService second;
  private final MsiTarget msi;
  private final Doorbell doorbell;
  private final byte[] chips;
  private final Counts counts;
  private final Watchdog watchdog;

  /// What kinds of machines there are.
  enum Kind {
    ONE,
    /// Its time is the instructions it runs, so that a seed's run is the same each time.
    ONE_IN_VIRTUAL_TIME,
    TWO
  }

  FuzzMachine(Kind kind, Watchdog watchdog, Counts counts) {
    this.counts = counts;
    this.watchdog = watchdog;
    int vcpuCount = kind == Kind.TWO ? 2 : 1;
    hypervisor = new SoftwareHypervisor(options(kind));
    vm = hypervisor.createMachine(vcpuCount);
    vm.map(region);
    vm.map(new GuestRegion(Layout.ROM, rom, true));
    doorbell = vm.createDoorbell();
    boolean unused = vm.connect(doorbell, Layout.DOORBELL, 0);
    for (int i = 0; i < vcpuCount; i++) {
      vcpus.add(vm.createVcpu(i));
      watched.add(watchdog.watch());
      resets.add(vcpus.get(i).state());
    }
    msi = vm.createMsi();
    StateWriter out = new StateWriter();
    vm.save(out);
    chips = out.toByteArray();
    second =
        vcpuCount == 1
            ? null
            : Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().daemon(true).name("fuzz-second").unstarted(task));
  }

  private static EngineOptions options(Kind kind) {
    return switch (kind) {
      case ONE -> EngineOptions.STANDARD.withTrace(TRACE);
      case ONE_IN_VIRTUAL_TIME -> EngineOptions.STANDARD.withPace(PACE);
      case TWO -> EngineOptions.STANDARD;
    };
  }

  List<Watchdog.Watched> watched() {
    return watched;
  }

  /// One guest's life.
  void run(long seed) throws ExecutionException, InterruptedException {
    Chance chance = new Chance(seed);
    vm.load(new StateReader(chips));
    RandomState.Entry[] entries = prepare(chance);
    for (int i = 0; i < vcpus.size(); i++) {
      enter(i, entries[i], chance);
    }
    outside(chance);
    long nanos = 20_000 + chance.below((int) RUN_NANOS_MOST);
    if (second == null) {
      live(0, nanos, chance.bits());
    } else {
      long bits = chance.bits();
      Future<?> other = second.submit(() -> live(1, nanos, bits));
      live(0, nanos, chance.bits());
      other.get();
    }
    counts.runs.increment();
  }

  private RandomState.Entry[] prepare(Chance chance) {
    ram.fill((byte) 0);
    RandomState.Entry[] entries = new RandomState.Entry[vcpus.size()];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = new RandomState(chance, resets.get(i)).entry();
    }
    new RandomTables(ram, chance).fill(entries[0].isLong());
    if (chance.oneIn(8)) {
      for (int i = 0; i < Layout.CODE_BYTES; i += 8) {
        ram.set(ValueLayout.JAVA_LONG, Layout.CODE + i, chance.bits());
      }
    } else {
      RandomCode code = new RandomCode(ram, chance);
      code.fill(Layout.CODE, INSTRUCTIONS, entries[0].mode);
      code.fill(
          Layout.CODE + Layout.CODE_BYTES / 2, INSTRUCTIONS, entries[entries.length - 1].mode);
    }
    for (int i = 0; i < 64; i++) {
      ram.set(ValueLayout.JAVA_LONG, Layout.DATA + chance.below(0x1000) * 8L, chance.bits());
    }
    for (int i = 0; i < ROM_BYTES; i += 64) {
      rom.set(ValueLayout.JAVA_LONG, i, chance.bits());
    }
    vm.written(0, Layout.RAM_BYTES);
    return entries;
  }

  private void enter(int index, RandomState.Entry entry, Chance chance) {
    RandomState states = new RandomState(chance, resets.get(index));
    try {
      vcpus.get(index).state(states.state(entry));
    } catch (StateException refused) {
      counts.refused.increment();
      vcpus.get(index).state(states.state(RandomState.Entry.LONG));
    }
  }

  /// What the board may do to it.
  private void outside(Chance chance) {
    if (chance.oneIn(16)) {
      vm.logDirtyPages(region, chance.oneIn(2));
    }
    if (chance.oneIn(4)) {
      InterruptLine line = vm.line(chance.below(24));
      line.raise();
      if (chance.oneIn(2)) {
        line.lower();
      }
      msi.retarget(Layout.LOCAL_APIC | chance.below(1 << 20), (int) chance.bits());
      msi.signal();
    }
  }

  private void live(int index, long nanos, long seed) {
    Chance chance = new Chance(seed);
    SoftwareVcpu vcpu = vcpus.get(index);
    long before = vcpu.instructions();
    watched.get(index).begin(vcpu, nanos);
    try {
      boolean isOver = false;
      for (int exits = 0; exits < EXITS_MAX && !isOver; exits++) {
        isOver = answer(vcpu, vcpu.run(), chance);
      }
      while (!(vcpu.completeExit() instanceof VmExit.Interrupted)) {
        counts.completed.increment();
      }
      if (chance.oneIn(8)) {
        vcpu.state(vcpu.state());
        counts.reports.add(vcpu.diagnosis().length());
      }
    } finally {
      watched.get(index).end();
      counts.instructions.add(vcpu.instructions() - before);
    }
  }

  /// Whether it has come to an end.
  private boolean answer(Vcpu vcpu, VmExit exit, Chance chance) {
    counts.note(exit);
    return switch (exit) {
      case VmExit.PortIn in -> {
        for (int i = 0; i < in.data().limit(); i++) {
          in.data().put(i, (byte) chance.bits());
        }
        yield false;
      }
      case VmExit.MmioRead read -> {
        vcpu.answer(chance.oneIn(2) ? chance.bits() : chance.address());
        yield false;
      }
      case VmExit.PortOut _, VmExit.MmioWrite _ -> {
        if (chance.oneIn(4)) {
          transfer(chance);
        }
        yield false;
      }
      case VmExit.Shutdown _, VmExit.Interrupted _ -> true;
      case VmExit.Failed failed -> {
        if (!failed.reason().startsWith(DELIVERY)) {
          throw new AssertionError(failed.reason());
        }
        yield true;
      }
      default -> throw new AssertionError(exit.toString());
    };
  }

  /// What a device does to RAM.
  private void transfer(Chance chance) {
    long bytes = 1 + chance.below(DMA_BYTES_MOST);
    long gpa = Math.min(chance.address() & Layout.RAM_BYTES - 1, Layout.RAM_BYTES - bytes);
    for (long i = 0; i < bytes; i++) {
      ram.set(ValueLayout.JAVA_BYTE, gpa + i, (byte) chance.bits());
    }
    vm.written(gpa, bytes);
  }

  @Override
  public void close() {
    watched.forEach(watchdog::forget);
    if (second != null) {
      second.shutdown();
    }
    vcpus.forEach(Vcpu::close);
    msi.close();
    doorbell.close();
    vm.close();
    hypervisor.close();
    arena.close();
  }
}
