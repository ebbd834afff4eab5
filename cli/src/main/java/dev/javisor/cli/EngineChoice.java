package dev.javisor.cli;

import dev.javisor.cli.doctor.KvmInspection;
import dev.javisor.cli.doctor.KvmVerdict;
import dev.javisor.kvm.KvmHypervisor;
import dev.javisor.linux.terminal.Terminal;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.machine.MachineSpec.Accel;
import dev.javisor.x86.code.OneByOneExecutor;
import dev.javisor.x86.engine.EngineOptions;
import dev.javisor.x86.engine.SoftwareHypervisor;
import dev.javisor.x86.fp.Routines;

/// Which engine runs a machine here: KVM where hardware backs it, else our own processor; and the
/// word about which, and why.
final class EngineChoice {
  private EngineChoice() {}

  /// @param verbose whether a choice is worth saying
  /// @throws UserError if the engine that was asked for is not there
  static Hypervisor open(Accel accel, boolean verbose) {
    if (accel == Accel.SOFTWARE) {
      return software("asked for", verbose, verbose);
    }
    KvmVerdict verdict = verdict();
    if (verdict.usable()) {
      if (verbose) {
        System.err.println("javisor: engine kvm: " + verdict.finding());
      }
      return KvmHypervisor.open();
    } else if (accel == Accel.AUTO) {
      return software(verdict.finding(), verbose || Terminal.isTerminal(2), verbose);
    }
    return slowKvm(verdict, verbose);
  }

  static KvmVerdict verdict() {
    return KvmVerdict.of(KvmInspection.inspect(XdgPaths.cache()));
  }

  private static Hypervisor software(String why, boolean says, boolean verbose) {
    Relaunch.unlessFor("software");
    if (says) {
      System.err.println("javisor: engine software: " + why);
    }
    Routines.require();
    EngineOptions options =
        "single".equals(System.getenv("JAVISOR_EXECUTOR")) // for tests (docs/x86.md)
            ? EngineOptions.STANDARD.withExecutor(OneByOneExecutor::new)
            : EngineOptions.STANDARD;
    return new SoftwareHypervisor(
        verbose ? options.withLog(speed -> System.err.println("javisor: " + speed)) : options);
  }

  private static Hypervisor slowKvm(KvmVerdict verdict, boolean verbose) {
    String finding = verdict.finding() + "; " + verdict.remedy();
    if (!verdict.opens()) {
      throw new UserError(
          "no usable KVM on this host: " + finding + "; or run it on --accel software");
    }
    if (verbose || Terminal.isTerminal(2)) {
      System.err.println("javisor: warning: " + finding);
    }
    return KvmHypervisor.open();
  }
}
