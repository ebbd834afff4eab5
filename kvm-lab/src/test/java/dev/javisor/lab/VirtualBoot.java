package dev.javisor.lab;

import dev.javisor.cli.machine.BootFiles;
import dev.javisor.cli.machine.GuestMachine;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.devices.virtio.block.BlockDevice;
import dev.javisor.devices.virtio.rng.RngDevice;
import dev.javisor.images.disk.RawImage;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.linux.backend.LinuxFile;
import dev.javisor.testkit.fake.MachineHash;
import dev.javisor.testkit.fake.Typist;
import dev.javisor.vmm.backend.SeededEntropy;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import dev.javisor.x86.block.BlockExecutor;
import dev.javisor.x86.engine.CountWatch;
import dev.javisor.x86.engine.EngineOptions;
import dev.javisor.x86.engine.Pace;
import dev.javisor.x86.engine.SoftwareHypervisor;
import dev.javisor.x86.engine.SoftwareVcpu;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The built-in guest in virtual time, with a disk and a person who types, to its power-off. On its
/// way it is paused, and can be saved.
final class VirtualBoot implements AutoCloseable {
  /// A hash each so many instructions.
  static final long PERIOD = 10_000_000;

  /// Where it is paused: in the middle of the kernel's start.
  static final long PAUSED_AT = 30 * PERIOD;

  private static final long MEMORY_BYTES = 128 << 20;
  private static final long MILLIS_MAX = 300_000;

  /// 10 ns an instruction; from 1 January 2026.
  private static final Pace PACE = new Pace(10, 1_767_225_600_000_000_000L);

  private final Typist typist;
  private final SoftwareHypervisor engine;
  private final GuestMachine machine;
  private final List<Integer> hashes = new ArrayList<>();
  private final CompletableFuture<Boolean> paused = new CompletableFuture<>();
  private volatile @Nullable SoftwareVcpu vcpu;

  VirtualBoot(MicroGuest guest, Path disk, Typist typist, Supplier<BlockExecutor> executor)
      throws IOException {
    this.typist = typist;
    this.engine =
        new SoftwareHypervisor(
            EngineOptions.STANDARD
                .withPace(PACE)
                .withWatch(new CountWatch(PERIOD, this::note))
                .withExecutor(executor));
    this.machine =
        GuestMachine.build(
            engine,
            new GuestMachine.Size(1, MEMORY_BYTES, false),
            new BootFiles(
                guest.vmlinux().orElse(guest.kernel()), guest.initramfs(), MicroGuest.CMDLINE),
            typist,
            late -> devices(disk, late));
  }

  private static List<VirtioDevice> devices(Path disk, GuestMachine.LateMachine late)
      throws IOException {
    return List.of(
        new RngDevice("rng", new SeededEntropy(1), late::fail),
        new BlockDevice(
            "disk0",
            new RawImage(LinuxFile.open(disk, false), "disk", 2, System.err::println, late::fail),
            "disk0",
            late::fail));
  }

  /// On the vCPU's thread.
  private void note(SoftwareVcpu seen, long instructions) {
    vcpu = seen;
    hashes.add(MachineHash.of(seen.state(), machine.regions()));
    if (instructions == PAUSED_AT) {
      Thread.ofPlatform().start(() -> paused.complete(machine.machine().pause()));
      while (!seen.isExitRequested()) {
        Thread.onSpinWait();
      }
    }
  }

  /// What a machine is apart from its disk.
  record Saved(byte[] state, List<byte[]> ram, Typist typist) {}

  /// Runs up to its pause.
  VirtualBoot begin() {
    machine.machine().start();
    if (!paused.join()) {
      throw new IllegalStateException("no pause");
    }
    return this;
  }

  /// Instead of [#begin].
  VirtualBoot begin(Saved saved) {
    List<GuestRegion> regions = machine.regions();
    for (int i = 0; i < regions.size(); i++) {
      regions.get(i).host().copyFrom(MemorySegment.ofArray(saved.ram.get(i)));
    }
    machine.machine().load(new StateReader(saved.state));
    return this;
  }

  /// While it is paused.
  Saved save() {
    StateWriter out = new StateWriter();
    machine.machine().save(out);
    List<byte[]> ram =
        machine.regions().stream().map(r -> r.host().toArray(ValueLayout.JAVA_BYTE)).toList();
    return new Saved(out.toByteArray(), ram, typist.copy());
  }

  /// From its pause to its end.
  @Nullable Ending end() {
    machine.machine().resume();
    Ending ending = machine.machine().await(MILLIS_MAX);
    machine.machine().close();
    return ending;
  }

  /// Of registers and RAM, one each [#PERIOD].
  List<Integer> hashes() {
    return hashes;
  }

  /// After its end.
  long instructions() {
    SoftwareVcpu seen = vcpu;
    return seen == null ? 0 : seen.instructions();
  }

  /// What was on the console.
  String shown() {
    return typist.shown();
  }

  @Override
  public void close() {
    machine.close();
    engine.close();
  }
}
