package dev.javisor.cli;

import dev.javisor.cli.doctor.KvmInspection;
import dev.javisor.cli.doctor.KvmVerdict;
import dev.javisor.linux.terminal.Terminal;
import dev.javisor.vmm.machine.MachineSpec.Accel;

/// Which engine runs a machine here. Until there is a second one: KVM, or a clear word why not,
/// before anything is downloaded.
final class EngineChoice {
  private EngineChoice() {}

  /// @throws UserError if no engine here can do what is asked
  static void require(Accel accel, boolean verbose) {
    KvmVerdict verdict = KvmVerdict.of(KvmInspection.inspect(XdgPaths.cache()));
    if (verdict.usable()) {
      if (verbose) {
        System.err.println("javisor: engine kvm: " + verdict.finding());
      }
      return;
    }
    String finding = verdict.finding() + "; " + verdict.remedy();
    if (accel == Accel.KVM && verdict.opens()) {
      if (verbose || Terminal.isTerminal(2)) {
        System.err.println("javisor: warning: " + finding);
      }
      return;
    }
    throw new UserError("no usable KVM on this host: " + finding);
  }
}
