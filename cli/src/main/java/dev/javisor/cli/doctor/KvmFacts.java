package dev.javisor.cli.doctor;

import java.util.Set;

/// What was found out about `/dev/kvm`, before any judgement.
///
/// @param exists whether the device node is there
/// @param openErrno 0 if it could be opened for reading and writing, else why not
/// @param mode its permission bits, `rw-rw----`; empty when there is none
/// @param group the group it belongs to; empty when unknown
/// @param sessionGroups the groups of this process
/// @param accountGroups the groups this user's account has, which a new session would get
/// @param processorFlag `vmx` or `svm` in /proc/cpuinfo, or empty
/// @param module the vendor module that is loaded: `kvm_intel`, `kvm_amd`, another, or empty
/// @param container whether this is a container
/// @param virtualMachine whether this is itself a virtual machine
/// @param mips how fast a guest runs on it, in million instructions a second; negative when unknown
public record KvmFacts(
    boolean exists,
    int openErrno,
    String mode,
    String group,
    Set<String> sessionGroups,
    Set<String> accountGroups,
    String processorFlag,
    String module,
    boolean container,
    boolean virtualMachine,
    double mips) {

  /// It opens: then nothing else matters, and a start does not wait for the rest.
  static KvmFacts opened(double mips) {
    return new KvmFacts(true, 0, "", "", Set.of(), Set.of(), "", "", false, false, mips);
  }
}
