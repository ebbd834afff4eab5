package dev.javisor.benchmarks;

import dev.javisor.kvm.KvmHypervisor;
import dev.javisor.linux.memory.AnonymousMemory;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// How long another VM takes in a JVM that has made one: interrupt chips, PIT, CPUID and registers
/// of a payload guest in memory such as machines have, up to its first exit. Prints `SECOND_VM`,
/// milliseconds, and how much more memory (PSS) two more hold each, RAM included. With an argument
/// KVM is [MadeUpKvm].
public final class SecondVm {
  private static final int MACHINES = 20;

  private SecondVm() {}

  private static PayloadGuest guest(KvmHypervisor kvm, Arena arena) {
    PayloadGuest guest =
        PayloadGuest.of(
            kvm,
            new RealMode(PayloadGuest.REAL_CODE).label("again").outAl(0x10).jmp("again"),
            new AnonymousMemory(arena).allocate(PayloadGuest.RAM_BYTES));
    if (!(guest.vcpu().run() instanceof VmExit.PortOut)) {
      throw new IllegalStateException("no port exit");
    }
    return guest;
  }

  private static long pssKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps_rollup"))) {
      if (line.startsWith("Pss:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no Pss");
  }

  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    if (args.length > 0) {
      MadeUpKvm.install(Path.of(args[0]).toAbsolutePath());
    }
    double[] millis = new double[MACHINES];
    long held;
    try (KvmHypervisor kvm = KvmHypervisor.open()) {
      for (int i = 0; i < MACHINES; i++) {
        long start = System.nanoTime();
        try (Arena arena = Arena.ofShared();
            PayloadGuest guest = guest(kvm, arena)) {
          millis[i] = (System.nanoTime() - start) / 1e6;
        }
      }
      long before = pssKib();
      try (Arena arena = Arena.ofShared();
          PayloadGuest one = guest(kvm, arena);
          PayloadGuest two = guest(kvm, arena)) {
        held = (pssKib() - before) / 2;
      }
    }
    double first = millis[0];
    double second = millis[1];
    Arrays.sort(millis);
    System.out.printf(
        "SECOND_VM first %.1f second %.1f median %.1f best %.1f; each holds %d KiB%n",
        first, second, millis[MACHINES / 2], millis[0], held);
    Runtime.getRuntime().halt(0); // the payload guest's watch is no daemon's concern
  }
}
