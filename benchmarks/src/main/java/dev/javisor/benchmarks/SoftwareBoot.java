package dev.javisor.benchmarks;

import dev.javisor.cli.machine.BootFiles;
import dev.javisor.cli.machine.GuestMachine;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.testkit.fake.Typist;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.x86.engine.CountWatch;
import dev.javisor.x86.engine.EngineOptions;
import dev.javisor.x86.engine.SoftwareHypervisor;
import dev.javisor.x86.engine.SoftwareVcpu;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// How fast our own processor takes a guest from its kernel's first instruction to power-off, by
/// its thread's CPU time and in parts. Prints `SPEED part instructions 123 mips 45.6` each, in
/// millions.
public final class SoftwareBoot {
  private static final long PERIOD = 1_000_000;
  private static final long FIRST = 5_000_000;
  private static final long MILLIS_MAX = 600_000;

  private long now;
  private long cpuNanos;
  private long firstNanos;
  private long userFrom = Long.MAX_VALUE;
  private long userFromNanos;

  private SoftwareBoot() {}

  /// @param args the directory of a built-in guest
  public static void main(String[] args) throws IOException {
    new SoftwareBoot().run(Path.of(args[0]));
    Runtime.getRuntime().halt(0);
  }

  private void run(Path guest) throws IOException {
    Typist typist = new Typist(List.of("poweroff"));
    EngineOptions options = EngineOptions.STANDARD.withWatch(new CountWatch(PERIOD, this::look));
    BootFiles files =
        new BootFiles(guest.resolve("vmlinux"), guest.resolve("initramfs"), MicroGuest.CMDLINE);
    try (SoftwareHypervisor engine = new SoftwareHypervisor(options);
        GuestMachine machine =
            GuestMachine.build(
                engine,
                new GuestMachine.Size(1, 512 << 20, false),
                files,
                typist,
                _ -> List.of())) {
      machine.machine().start();
      Ending ending = machine.machine().await(MILLIS_MAX);
      if (!(ending instanceof Ending.PowerOff)) {
        throw new IllegalStateException(ending + ": " + typist.shown());
      }
    }
    print("first5M", FIRST, firstNanos);
    print("kernel", userFrom, userFromNanos);
    print("user", now - userFrom, cpuNanos - userFromNanos);
    print("whole", now, cpuNanos);
  }

  /// On the vCPU's thread.
  private void look(SoftwareVcpu vcpu, long instructions) {
    now = instructions;
    cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    if (now == FIRST) {
      firstNanos = cpuNanos;
    }
    if (userFrom == Long.MAX_VALUE && (vcpu.state().system().cs().selector() & 3) == 3) {
      userFrom = now;
      userFromNanos = cpuNanos;
    }
  }

  private static void print(String part, long instructions, long nanos) {
    System.out.printf(
        Locale.ROOT,
        "SPEED %s instructions %.0f mips %.1f%n",
        part,
        instructions / 1e6,
        instructions * 1e3 / nanos);
  }
}
