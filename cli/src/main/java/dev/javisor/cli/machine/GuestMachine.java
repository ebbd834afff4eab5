package dev.javisor.cli.machine;

import dev.javisor.devices.board.Board;
import dev.javisor.devices.board.BoardParts;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.images.kernel.BootEntry;
import dev.javisor.images.kernel.BootFile;
import dev.javisor.images.kernel.BootParameters;
import dev.javisor.images.kernel.KernelImage;
import dev.javisor.images.kernel.KernelLoader;
import dev.javisor.linux.memory.AnonymousMemory;
import dev.javisor.vmm.backend.ByteConsole;
import dev.javisor.vmm.bus.Bus;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.machine.Machine;
import dev.javisor.vmm.machine.MachineParts;
import dev.javisor.vmm.memory.FlatMemory;
import dev.javisor.vmm.memory.GuestMemory;
import dev.javisor.vmm.memory.GuestRegion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A machine with its memory, board and devices, ready to start; closing it leaves nothing behind.
public final class GuestMachine implements AutoCloseable {
  /// How long a device's thread may take to end; only a back end that hangs makes it long.
  private static final long JOIN_MILLIS = 1_000;

  private final Arena arena;
  private final GuestMemory memory;
  private final VirtualMachine vm;
  private final Board board;
  private final List<? extends VirtioDevice> devices;
  private final Machine machine;
  private final BuildTimes times;

  private GuestMachine(
      Arena arena,
      GuestMemory memory,
      VirtualMachine vm,
      Board board,
      List<? extends VirtioDevice> devices,
      Machine machine,
      BuildTimes times) {
    this.arena = arena;
    this.memory = memory;
    this.vm = vm;
    this.board = board;
    this.devices = devices;
    this.machine = machine;
    this.times = times;
  }

  /// What making it took, in nanoseconds, one after the other.
  ///
  /// @param vm guest memory and the engine's machine
  /// @param board devices, board and firmware tables
  /// @param kernel kernel and initrd in memory
  /// @param vcpus their threads ready to run
  public record BuildTimes(long vm, long board, long kernel, long vcpus) {}

  /// How big it is.
  ///
  /// @param memoryBytes a multiple of 4096
  public record Size(int cpus, long memoryBytes, boolean traceExits) {}

  /// Makes it, loads the kernel, and stops before the first instruction.
  ///
  /// @param makeDevices is given where failures of device threads go, and owns nothing afterwards:
  ///     the machine closes the devices
  /// @throws IOException if the kernel or initrd cannot be loaded: one line that says why
  public static GuestMachine build(
      Hypervisor hypervisor, Size size, BootFiles boot, ByteConsole serial, DeviceMaker makeDevices)
      throws IOException {
    try (Unwinding undo = new Unwinding()) {
      long start = System.nanoTime();
      @SuppressWarnings("MustBeClosedChecker") // closed by `undo`, or by the machine
      Arena arena = undo.push(Arena.ofShared());
      FlatMemory memory = FlatMemory.of(size.memoryBytes(), new AnonymousMemory(arena));
      VirtualMachine vm = undo.push(hypervisor.createMachine(size.cpus()));
      vm.map(memory);
      memory.subscribe(vm::written);
      long mapped = System.nanoTime();
      LateMachine late = new LateMachine();
      List<? extends VirtioDevice> devices = makeDevices.make(late);
      devices.forEach(device -> undo.push(device::close));
      Bus ports = new Bus("port");
      Bus mmio = new Bus("mmio");
      Board board =
          Board.build(
              new BoardParts(
                  vm,
                  memory,
                  ports,
                  mmio,
                  size.cpus(),
                  vm.physicalAddressBits(),
                  serial,
                  vm.time(),
                  late::end,
                  devices));
      ports.freeze();
      mmio.freeze();
      long assembled = System.nanoTime();
      BootEntry entry = load(boot, memory, board);
      long loaded = System.nanoTime();
      Machine machine =
          new Machine(
              new MachineParts(
                  vm,
                  memory,
                  ports,
                  mmio,
                  size.cpus(),
                  vcpu -> vcpu.enter(entry.registers(), entry.system()),
                  board.quiescents(),
                  size.traceExits()));
      late.set(machine);
      BuildTimes times =
          new BuildTimes(
              mapped - start, assembled - mapped, loaded - assembled, System.nanoTime() - loaded);
      undo.keep();
      return new GuestMachine(arena, memory, vm, board, devices, machine, times);
    }
  }

  private static BootEntry load(BootFiles boot, GuestMemory memory, Board board)
      throws IOException {
    try (KernelImage kernel = KernelImage.open(boot.kernel());
        @Nullable BootFile initrd = boot.initrd() == null ? null : BootFile.open(boot.initrd())) {
      return KernelLoader.load(
          kernel,
          memory,
          new BootParameters(boot.cmdline(), initrd, board.memoryMap(), board.rsdpGpa()));
    }
  }

  /// Makes a machine's virtio devices, in the order of their slots.
  @FunctionalInterface
  public interface DeviceMaker {
    List<? extends VirtioDevice> make(LateMachine machine) throws IOException;
  }

  /// The machine before there is one: devices are made first, and may only end it or fail it.
  public static final class LateMachine {
    private final AtomicReference<@Nullable Machine> machine = new AtomicReference<>();
    private final AtomicReference<@Nullable Ending> early = new AtomicReference<>();

    void set(Machine made) {
      machine.set(made);
      Ending ending = early.get();
      if (ending != null) {
        made.end(ending);
      }
    }

    public void end(Ending how) {
      Machine made = machine.get();
      if (made != null) {
        made.end(how);
      } else {
        early.compareAndSet(null, how);
      }
    }

    /// Ends it because one of our threads died of `failure`.
    public void fail(Throwable failure) {
      Machine made = machine.get();
      if (made != null) {
        made.fail(failure);
      } else {
        early.compareAndSet(null, new Ending.Failed(failure.toString()));
      }
    }
  }

  public Machine machine() {
    return machine;
  }

  public BuildTimes buildTimes() {
    return times;
  }

  public Board board() {
    return board;
  }

  public GuestMemory memory() {
    return memory;
  }

  /// The runs of RAM, as the engine has them mapped.
  public List<GuestRegion> regions() {
    return memory.regions();
  }

  /// Memory outlives whoever may still write to it: with a back end that does not answer it stays,
  /// and the process's end frees it.
  @Override
  public void close() {
    machine.close();
    devices.forEach(VirtioDevice::close);
    boolean gone = true;
    for (VirtioDevice device : devices) {
      gone &= device.join(JOIN_MILLIS);
    }
    if (gone) {
      board.close();
      vm.close();
      arena.close();
    }
  }
}
