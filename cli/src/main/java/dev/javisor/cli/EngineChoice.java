package dev.javisor.cli;

import dev.javisor.cli.doctor.KvmInspection;
import dev.javisor.cli.doctor.KvmVerdict;
import dev.javisor.cli.session.LogLevel;
import dev.javisor.kvm.KvmHypervisor;
import dev.javisor.linux.terminal.Terminal;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.machine.MachineSpec.Accel;
import dev.javisor.x86.code.OneByOneExecutor;
import dev.javisor.x86.engine.CpuTrace;
import dev.javisor.x86.engine.EngineOptions;
import dev.javisor.x86.engine.SoftwareHypervisor;
import dev.javisor.x86.fp.Routines;

/// Which engine runs a machine here: KVM where hardware backs it, else our own processor; and the
/// word about which, and why.
final class EngineChoice {
  private EngineChoice() {}

  /// @param trace what of its processors' lives is written down: only our own can
  /// @param level what is worth saying: with INFO the choice too
  /// @throws UserError if the engine that was asked for is not there, or cannot do that
  static Hypervisor open(Accel accel, CpuTrace trace, LogLevel level) {
    boolean verbose = level.says(LogLevel.INFO);
    if (accel == Accel.SOFTWARE) {
      return software("asked for", trace, verbose, verbose);
    }
    if (trace != CpuTrace.NONE && accel == Accel.KVM) {
      throw untraceable();
    }
    KvmVerdict verdict = verdict();
    if (verdict.usable()) {
      if (trace != CpuTrace.NONE) {
        throw untraceable();
      }
      if (verbose) {
        System.err.println("javisor: engine kvm: " + verdict.finding());
      }
      return KvmHypervisor.open();
    } else if (accel == Accel.AUTO) {
      return software(verdict.finding(), trace, verbose || Terminal.isTerminal(2), verbose);
    }
    return slowKvm(verdict, level);
  }

  private static UserError untraceable() {
    return new UserError("--trace cpu works on our own processor only: add --accel software");
  }

  static KvmVerdict verdict() {
    return KvmVerdict.of(KvmInspection.inspect(XdgPaths.cache()));
  }

  private static Hypervisor software(String why, CpuTrace trace, boolean says, boolean verbose) {
    Relaunch.unlessFor("software");
    if (says) {
      System.err.println("javisor: engine software: " + why);
    }
    Routines.require();
    EngineOptions options = EngineOptions.STANDARD.withTrace(trace);
    if ("single".equals(System.getenv("JAVISOR_EXECUTOR"))) { // for tests (docs/x86.md)
      options = options.withExecutor(OneByOneExecutor::new);
    }
    return new SoftwareHypervisor(
        verbose ? options.withLog(line -> System.err.println("javisor: " + line)) : options);
  }

  private static Hypervisor slowKvm(KvmVerdict verdict, LogLevel level) {
    String finding = verdict.finding() + "; " + verdict.remedy();
    if (!verdict.opens()) {
      throw new UserError(
          "no usable KVM on this host: " + finding + "; or run it on --accel software");
    }
    if (level.says(LogLevel.WARN)) {
      System.err.println("javisor: warning: " + finding);
    }
    return KvmHypervisor.open();
  }
}
