package dev.javisor.kvm;

import dev.javisor.kvm.abi.Msrs;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.fd.Fd;
import dev.javisor.vmm.state.StateException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// A vCPU's model-specific registers (api.rst, KVM_GET_MSRS and KVM_SET_MSRS), as many in one call
/// as KVM takes: it stops at the first it refuses, and is called again for those behind that one.
/// The vCPU's thread.
final class KvmMsrs {
  private static final int MSR_IA32_APICBASE = 0x1B;
  private static final int MSR_IA32_MISC_ENABLE = 0x1A0;
  private static final int MSR_MTRR_DEF_TYPE = 0x2FF;
  private static final int MSR_IA32_TSC_DEADLINE = 0x6E0;
  private static final int HV_X64_MSR_TIME_REF_COUNT = 0x4000_0020;
  private static final int MSR_AMD_HWCR = 0xC001_0015;

  /// The first is written with the system registers; the second is a clock, and read-only.
  private static final Set<Integer> NOT_WRITTEN =
      Set.of(MSR_IA32_APICBASE, HV_X64_MSR_TIME_REF_COUNT);

  private static final long MISC_ENABLE_FAST_STRING = 1;

  /// Enabled, default type write-back: else Linux finds the MTRRs blank.
  private static final long MTRR_DEFAULT_WRITE_BACK = 0x806;

  /// `TscFreqSel`: the TSC counts at the P0 frequency, which Linux wants to see with INVTSC.
  private static final long HWCR_TSC_FREQ_SEL = 1L << 24;

  private final KvmHypervisor kvm;
  private final Fd vcpu;

  private record Msr(int index, long value) {}

  KvmMsrs(KvmHypervisor kvm, Fd vcpu) {
    this.kvm = kvm;
    this.vcpu = vcpu;
  }

  /// What firmware leaves in them. False if KVM does not let this guest's HWCR say that its TSC
  /// is one to rely on.
  boolean prepare() {
    List<Msr> refused =
        set(
            List.of(
                new Msr(MSR_IA32_MISC_ENABLE, MISC_ENABLE_FAST_STRING),
                new Msr(MSR_MTRR_DEF_TYPE, MTRR_DEFAULT_WRITE_BACK),
                new Msr(MSR_AMD_HWCR, HWCR_TSC_FREQ_SEL)));
    return refused.isEmpty() || refused.getLast().index != MSR_AMD_HWCR;
  }

  /// All that belongs to a vCPU's state.
  SortedMap<Integer, Long> read() {
    return read(kvm.msrIndexList());
  }

  /// Those of `indices` that this host and this vCPU's CPUID have: KVM's list may have others.
  SortedMap<Integer, Long> read(int... indices) {
    SortedMap<Integer, Long> values = new TreeMap<>();
    for (int from = 0; from < indices.length; ) {
      int count = Math.min(indices.length - from, Msrs.ENTRIES_MAX);
      int done = read(indices, from, count, values);
      from += done == count ? count : done + 1; // the one behind those it read is refused
    }
    return values;
  }

  /// How many it read of `count` from `from` on.
  private int read(int[] indices, int from, int count, SortedMap<Integer, Long> values) {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct argument = Msrs.allocate(count, scratch);
      for (int i = 0; i < count; i++) {
        Msrs.put(argument.bytes(), i, indices[from + i], 0);
      }
      int done = (int) vcpu.ioctl("KVM_GET_MSRS", Msrs.KVM_GET_MSRS, argument);
      for (int i = 0; i < done; i++) {
        values.put(indices[from + i], Msrs.data(argument.bytes(), i));
      }
      return done;
    }
  }

  /// The deadline last: it counts against the TSC and needs the local APIC in deadline mode. A
  /// read-only one is no matter if it has that value anyway.
  ///
  /// @throws StateException with those that this host does not take
  void write(SortedMap<Integer, Long> values) {
    List<Msr> wanted = new ArrayList<>();
    values.forEach(
        (index, value) -> {
          if (index != MSR_IA32_TSC_DEADLINE && !NOT_WRITTEN.contains(index)) {
            wanted.add(new Msr(index, value));
          }
        });
    Long deadline = values.get(MSR_IA32_TSC_DEADLINE);
    if (deadline != null) {
      wanted.add(new Msr(MSR_IA32_TSC_DEADLINE, deadline));
    }
    List<String> refused = new ArrayList<>();
    for (Msr msr : set(wanted)) {
      if (!has(msr)) {
        refused.add("0x%x=0x%x".formatted(msr.index, msr.value));
      }
    }
    if (!refused.isEmpty()) {
      throw new StateException("this host does not take MSRs " + refused);
    }
  }

  private boolean has(Msr msr) {
    return Long.valueOf(msr.value).equals(read(msr.index).get(msr.index));
  }

  /// Writes them in this order, and returns those that KVM refuses.
  private List<Msr> set(List<Msr> wanted) {
    List<Msr> refused = new ArrayList<>();
    for (int from = 0; from < wanted.size(); ) {
      int count = Math.min(wanted.size() - from, Msrs.ENTRIES_MAX);
      int done = set(wanted, from, count);
      if (done < count) {
        refused.add(wanted.get(from + done));
        done++;
      }
      from += done;
    }
    return refused;
  }

  /// How many it wrote of `count` from `from` on.
  private int set(List<Msr> wanted, int from, int count) {
    try (Arena scratch = Arena.ofConfined()) {
      NativeStruct argument = Msrs.allocate(count, scratch);
      for (int i = 0; i < count; i++) {
        Msr msr = wanted.get(from + i);
        Msrs.put(argument.bytes(), i, msr.index, msr.value);
      }
      return (int) vcpu.ioctl("KVM_SET_MSRS", Msrs.KVM_SET_MSRS, argument);
    }
  }
}
