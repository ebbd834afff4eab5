package dev.javisor.cli.doctor;

import dev.javisor.kvm.KvmProbe;
import dev.javisor.linux.call.Errno;
import java.util.Locale;

/// Whether KVM can run a stock guest here, in one line, and what to do if not.
///
/// @param usable whether an ordinary kernel boots on it in reasonable time
/// @param opens whether `/dev/kvm` answers at all, so that `--accel kvm` may be tried
/// @param finding what is so
/// @param remedy what to do; empty when nothing needs doing
public record KvmVerdict(boolean usable, boolean opens, String finding, String remedy) {

  /// A pure function of the facts.
  public static KvmVerdict of(KvmFacts facts) {
    if (!facts.exists()) {
      return no("there is no /dev/kvm", missing(facts));
    }
    return switch (facts.openErrno()) {
      case 0 -> bySpeed(facts);
      case Errno.EACCES, Errno.EPERM ->
          no("/dev/kvm may not be opened by this user", denied(facts));
      case Errno.ENODEV, 6 /* ENXIO */ ->
          no("/dev/kvm is there, but no KVM answers", missing(facts));
      default -> no("/dev/kvm: " + Errno.name(facts.openErrno()), missing(facts));
    };
  }

  private static KvmVerdict no(String finding, String remedy) {
    return new KvmVerdict(false, false, finding, remedy);
  }

  private static KvmVerdict bySpeed(KvmFacts facts) {
    if (facts.mips() < 0) {
      return new KvmVerdict(
          false, true, "/dev/kvm opens, but no guest runs on it", "see the kernel's log: dmesg");
    }
    String speed = Math.round(facts.mips()) + " MIPS";
    if (facts.mips() < KvmProbe.HARDWARE_MIPS_MIN) {
      String slow = String.format(Locale.ROOT, "%.1f MIPS", facts.mips());
      return new KvmVerdict(
          false,
          true,
          "/dev/kvm answers, but emulates the guest's instructions (" + slow + ")",
          "no stock kernel boots on it; use a host whose processor virtualizes (bare metal, or a VM"
              + " with nested virtualization)");
    }
    return new KvmVerdict(true, true, "/dev/kvm is backed by hardware (" + speed + ")", "");
  }

  private static String missing(KvmFacts facts) {
    if (facts.container()) {
      return facts.processorFlag().isEmpty()
          ? "this is a container on a host without usable virtualization"
          : "this is a container: give it the device, --device /dev/kvm";
    }
    if (facts.processorFlag().isEmpty()) {
      return facts.virtualMachine()
          ? "this is a virtual machine without nested virtualization: switch it on in its host"
          : "the processor shows no vmx or svm: switch virtualization on in the firmware (BIOS)";
    }
    if (facts.module().isEmpty()) {
      String module = facts.processorFlag().equals("svm") ? "kvm_amd" : "kvm_intel";
      return "load the module, as root: modprobe " + module;
    }
    return "module " + facts.module() + " is loaded but does not work; see dmesg";
  }

  private static String denied(KvmFacts facts) {
    String group = facts.group().isEmpty() ? "kvm" : facts.group();
    if (facts.sessionGroups().contains(group)) {
      return "this session has group %s, but the device is %s: as root, chmod g+rw /dev/kvm"
          .formatted(group, facts.mode());
    }
    if (facts.accountGroups().contains(group)) {
      return "your account is in group " + group + ", this session is not yet: log in again";
    }
    if (facts.container()) {
      return "this is a container: run it with --group-add " + group;
    }
    return "as root: usermod -aG %s $USER, then log in again; for this once: setfacl -m u:$USER:rw /dev/kvm"
        .formatted(group);
  }
}
