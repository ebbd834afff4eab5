package dev.javisor.benchmarks;

import dev.javisor.kvm.KvmHypervisor;
import dev.javisor.testkit.asm.RealMode;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import java.util.Arrays;

/// How long another VM takes in a JVM that has made one: interrupt chips, PIT, CPUID and registers
/// of a payload guest, up to its first exit. Prints `SECOND_VM` and milliseconds.
public final class SecondVm {
  private static final int MACHINES = 20;

  private SecondVm() {}

  public static void main(String[] args) {
    double[] millis = new double[MACHINES];
    try (KvmHypervisor kvm = KvmHypervisor.open()) {
      for (int i = 0; i < MACHINES; i++) {
        long start = System.nanoTime();
        try (PayloadGuest guest =
            PayloadGuest.of(
                kvm,
                new RealMode(PayloadGuest.REAL_CODE).label("again").outAl(0x10).jmp("again"))) {
          if (!(guest.vcpu().run() instanceof VmExit.PortOut)) {
            throw new IllegalStateException("no port exit");
          }
          millis[i] = (System.nanoTime() - start) / 1e6;
        }
      }
    }
    double first = millis[0];
    double second = millis[1];
    Arrays.sort(millis);
    System.out.printf(
        "SECOND_VM first %.1f second %.1f median %.1f best %.1f%n",
        first, second, millis[MACHINES / 2], millis[0]);
    Runtime.getRuntime().halt(0); // the payload guest's watch is no daemon's concern
  }
}
