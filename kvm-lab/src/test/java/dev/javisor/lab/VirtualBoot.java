package dev.javisor.lab;

import dev.javisor.cli.machine.BootFiles;
import dev.javisor.cli.machine.GuestMachine;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.devices.virtio.block.BlockDevice;
import dev.javisor.devices.virtio.rng.RngDevice;
import dev.javisor.images.disk.RawImage;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.lab.inside.Typist;
import dev.javisor.linux.backend.LinuxFile;
import dev.javisor.testkit.fake.MachineHash;
import dev.javisor.vmm.backend.SeededEntropy;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.memory.GuestRegion;
import dev.javisor.x86.engine.CountWatch;
import dev.javisor.x86.engine.EngineOptions;
import dev.javisor.x86.engine.Pace;
import dev.javisor.x86.engine.SoftwareHypervisor;
import dev.javisor.x86.engine.SoftwareVcpu;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A boot of the built-in guest in virtual time, with a disk and a person who types, to power-off.
///
/// @param hashes of registers and RAM, one each ten million instructions
/// @param instructions run in all
/// @param shown on the console
record VirtualBoot(
    @Nullable Ending ending, List<Integer> hashes, long instructions, String shown) {
  private static final long PERIOD = 10_000_000;
  private static final long MEMORY_BYTES = 128 << 20;
  private static final long MILLIS_MAX = 300_000;

  /// 10 ns an instruction; from 1 January 2026.
  private static final Pace PACE = new Pace(10, 1_767_225_600_000_000_000L);

  /// @param lines typed at the prompts, one after the other
  static VirtualBoot of(MicroGuest guest, Path disk, long seed, List<String> lines)
      throws IOException {
    Recorder recorder = new Recorder();
    Typist typist = new Typist(lines);
    EngineOptions options =
        EngineOptions.STANDARD.withPace(PACE).withWatch(new CountWatch(PERIOD, recorder::note));
    BootFiles files =
        new BootFiles(
            guest.vmlinux().orElse(guest.kernel()), guest.initramfs(), MicroGuest.CMDLINE);
    try (SoftwareHypervisor engine = new SoftwareHypervisor(options);
        GuestMachine machine =
            GuestMachine.build(
                engine,
                new GuestMachine.Size(1, MEMORY_BYTES, false),
                files,
                typist,
                late -> devices(disk, seed, late))) {
      recorder.ram = machine.regions();
      machine.machine().start();
      Ending ending = machine.machine().await(MILLIS_MAX);
      machine.machine().close();
      return new VirtualBoot(
          ending, recorder.hashes, recorder.instructions(), typist.shown());
    }
  }

  private static List<VirtioDevice> devices(Path disk, long seed, GuestMachine.LateMachine late)
      throws IOException {
    return List.of(
        new RngDevice("rng", new SeededEntropy(seed), late::fail),
        new BlockDevice(
            "disk0",
            new RawImage(LinuxFile.open(disk, false), "disk", 2, System.err::println, late::fail),
            "disk0",
            late::fail));
  }

  /// What is seen on the vCPU's thread.
  private static final class Recorder {
    final List<Integer> hashes = new ArrayList<>();
    List<GuestRegion> ram = List.of();
    private @Nullable SoftwareVcpu vcpu;

    void note(SoftwareVcpu seen, long instructions) {
      vcpu = seen;
      hashes.add(MachineHash.of(seen.state(), ram));
    }

    long instructions() {
      return vcpu == null ? 0 : vcpu.instructions();
    }
  }
}
