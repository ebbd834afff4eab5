package dev.javisor.kvm;

import dev.javisor.kvm.abi.CpuidEntry2;
import java.util.ArrayList;
import java.util.List;

/// What CPUID shows: the host's features as KVM passes them through, with the leaves put right
/// that describe *this* machine (SDM 2A, CPUID; APM 3, appendix E). A guest has one package, one
/// core per vCPU, one thread per core; APIC id = vCPU index.
final class KvmCpuid {
  private static final int LEAF1_ECX_PDCM = 1 << 15;
  private static final int LEAF1_ECX_X2APIC = 1 << 21;
  private static final int LEAF1_ECX_TSC_DEADLINE = 1 << 24;
  private static final int LEAF1_ECX_HYPERVISOR = 1 << 31;
  private static final int LEAF1_EDX_HTT = 1 << 28;
  private static final int LEAF6_ECX_EPB = 1 << 3;
  private static final int LEAF7_ECX_WAITPKG = 1 << 5;
  private static final int LEVEL_TYPE_SMT = 1;
  private static final int LEVEL_TYPE_CORE = 2;
  static final int INVARIANT_TSC = 1 << 8;

  /// The first four letters of `AuthenticAMD` and `HygonGenuine` in EBX of leaf 0.
  private static final int AUTH = 0x6874_7541;

  private static final int HYGO = 0x6F67_7948;

  private final List<CpuidEntry2> supported;
  private final int vcpuCount;

  KvmCpuid(List<CpuidEntry2> supported, int vcpuCount) {
    this.supported = supported;
    this.vcpuCount = vcpuCount;
  }

  /// Bits of an APIC id that number the cores of the package.
  private int coreBits() {
    return 32 - Integer.numberOfLeadingZeros(vcpuCount - 1);
  }

  int physicalAddressBits() {
    for (CpuidEntry2 entry : supported) {
      if (entry.function() == 0x8000_0008) {
        return entry.eax() & 0xFF;
      }
    }
    return 36;
  }

  /// AMD describes its cores where Intel has reserved bits, and the other way round.
  private boolean isAmd() {
    for (CpuidEntry2 entry : supported) {
      if (entry.function() == 0) {
        return entry.ebx() == AUTH || entry.ebx() == HYGO;
      }
    }
    return false;
  }

  List<CpuidEntry2> entries(int apicId) {
    List<CpuidEntry2> entries = new ArrayList<>();
    for (CpuidEntry2 entry : supported) {
      if (entry.function() != 0xB && entry.function() != 0x1F) {
        entries.add(adjust(entry, apicId));
      }
    }
    addTopology(entries, 0xB, apicId);
    return entries;
  }

  /// The same without the promise that the TSC never changes its rate.
  static List<CpuidEntry2> withoutInvariantTsc(List<CpuidEntry2> entries) {
    List<CpuidEntry2> without = new ArrayList<>();
    for (CpuidEntry2 e : entries) {
      boolean promises = e.function() == 0x8000_0007;
      without.add(promises ? e.with(e.eax(), e.ebx(), e.ecx(), e.edx() & ~INVARIANT_TSC) : e);
    }
    return without;
  }

  private CpuidEntry2 adjust(CpuidEntry2 e, int apicId) {
    int eax = e.eax();
    int ebx = e.ebx();
    int ecx = e.ecx();
    int edx = e.edx();
    switch (e.function()) {
      case 0 -> eax = Math.max(eax, 0xB);
      case 1 -> {
        ebx = ebx & 0x0000_FFFF | Math.min(vcpuCount, 255) << 16 | apicId << 24;
        ecx =
            ecx & ~LEAF1_ECX_PDCM
                | LEAF1_ECX_X2APIC
                | LEAF1_ECX_TSC_DEADLINE
                | LEAF1_ECX_HYPERVISOR;
        edx = vcpuCount > 1 ? edx | LEAF1_EDX_HTT : edx & ~LEAF1_EDX_HTT;
      }
      case 4 -> eax = cacheSharing(eax) | coresBeside(eax);
      case 0x8000_001D -> eax = cacheSharing(eax);
      case 6 -> ecx &= ~LEAF6_ECX_EPB;
      case 7 -> ecx = e.index() == 0 ? ecx & ~LEAF7_ECX_WAITPKG : ecx;
      case 0xA -> {
        eax = 0; // no PMU
        ebx = 0;
        ecx = 0;
        edx = 0;
      }
      case 0x8000_0008 -> ecx = isAmd() ? coreBits() << 12 | vcpuCount - 1 : ecx;
      case 0x8000_001E -> {
        eax = apicId;
        ebx = apicId; // core id, one thread per core
        ecx = 0; // one node
      }
      default -> {}
    }
    return e.with(eax, ebx, ecx, edx);
  }

  /// Caches of level 1 and 2 belong to a core, level 3 to the package.
  private int cacheSharing(int eax) {
    int type = eax & 31;
    int level = eax >>> 5 & 7;
    int sharing = level >= 3 ? (1 << coreBits()) - 1 : 0;
    return type == 0 ? eax : eax & 0x3FFF | sharing << 14;
  }

  /// In leaf 4 the cores of the package stand beside the cache.
  private int coresBeside(int eax) {
    return (eax & 31) == 0 ? 0 : Math.min((1 << coreBits()) - 1, 63) << 26;
  }

  /// Extended topology: level 0 threads (one a core), level 1 cores (all in the package).
  private void addTopology(List<CpuidEntry2> entries, int function, int apicId) {
    int flag = CpuidEntry2.KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
    entries.add(new CpuidEntry2(function, 0, flag, 0, 1, LEVEL_TYPE_SMT << 8, apicId));
    entries.add(
        new CpuidEntry2(
            function, 1, flag, coreBits(), vcpuCount, LEVEL_TYPE_CORE << 8 | 1, apicId));
    entries.add(new CpuidEntry2(function, 2, flag, 0, 0, 2, apicId));
  }
}
