package dev.javisor.x86.engine;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.system.Control;
import java.util.Arrays;

/// Which processor the guest sees: its name, what CPUID says, and with it which work-arounds a
/// guest's kernel believes it needs (SDM 2, CPUID).
///
/// @param vendor 12 letters
/// @param signature family, model and stepping as leaf 1 has them
/// @param brand at most 47 letters
/// @param guardsKernel whether it has SMEP, SMAP and UMIP
public record CpuModel(String vendor, int signature, String brand, boolean guardsKernel) {
  private static final int X2APIC = 1 << 21;
  private static final int TSC_DEADLINE = 1 << 24;
  private static final int HYPERVISOR = 1 << 31;
  private static final int CX16 = 1 << 13;
  private static final int POPCNT = 1 << 23;
  private static final int HTT = 1 << 28;

  /// FPU DE PSE TSC MSR PAE CX8 APIC SEP PGE CMOV PAT PSE36 CLFSH MMX FXSR SSE SSE2.
  private static final int FEATURES = 0x078B_AB7D;

  private static final int ALWAYS_RUNNING_TIMER = 1 << 2;
  private static final int SMEP = 1 << 7;
  private static final int ERMS = 1 << 9;
  private static final int SMAP = 1 << 20;
  private static final int UMIP = 1 << 2;
  private static final int FSRM = 1 << 4;
  private static final int INVARIANT_TSC = 1 << 8;

  /// SYSCALL, NX, PDPE1GB, RDTSCP, LM.
  private static final int EXTENDED = 1 << 11 | 1 << 20 | 1 << 26 | 1 << 27 | 1 << 29;

  private static final int LAHF = 1;

  /// KVM_FEATURE_NOP_IO_DELAY, CLOCKSOURCE2, PV_EOI, CLOCKSOURCE_STABLE_BIT (Linux, cpuid.rst).
  private static final int PARAVIRTUAL = 1 << 1 | 1 << 3 | 1 << 6 | 1 << 24;

  private static final int LEAF_MAX = 0xB;
  private static final int EXTENDED_MAX = 0x8000_0008;
  private static final int HYPERVISOR_MAX = 0x4000_0001;
  static final int PHYSICAL_BITS = Cpu.PHYSICAL_BITS;
  private static final int LINEAR_BITS = 48;

  /// An in-order Intel Atom, which no speculation needs guarding against: Linux finds "Not
  /// affected" of everything and leaves its mitigations out.
  public static CpuModel standard() {
    return new CpuModel(
        "GenuineIntel", 0x0001_06CA, "Javisor software processor, x86-64-v1", false);
  }

  /// The same with SMEP, SMAP and UMIP. This one is for tests: Linux has more to do on it.
  public CpuModel withGuardedKernel() {
    return new CpuModel(vendor, signature, brand, true);
  }

  /// Bits of CR4 that not every model has.
  long cr4Bits() {
    return guardsKernel ? Control.CR4_SMEP | Control.CR4_SMAP | Control.CR4_UMIP : 0;
  }

  /// The words of a leaf, EAX first.
  ///
  /// @param apicId of the processor that asks
  void cpuid(int leaf, int subleaf, int apicId, int vcpuCount, int[] into) {
    Arrays.fill(into, 0);
    switch (leaf) {
      case 0 -> vendor(LEAF_MAX, vendor, into);
      case 1 -> features(apicId, vcpuCount, into);
      case 6 -> into[0] = ALWAYS_RUNNING_TIMER;
      case 7 -> {
        if (subleaf == 0) {
          into[1] = ERMS | (guardsKernel ? SMEP | SMAP : 0);
          into[2] = guardsKernel ? UMIP : 0;
          into[3] = FSRM;
        }
      }
      case 0xB -> topology(subleaf, apicId, vcpuCount, into);
      case 0x4000_0000 -> hypervisor(into);
      case 0x4000_0001 -> into[0] = PARAVIRTUAL;
      case 0x8000_0000 -> into[0] = EXTENDED_MAX;
      case 0x8000_0001 -> {
        into[2] = LAHF;
        into[3] = EXTENDED;
      }
      case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> brand((leaf & 7) - 2, into);
      case 0x8000_0007 -> into[3] = INVARIANT_TSC;
      case 0x8000_0008 -> into[0] = PHYSICAL_BITS | LINEAR_BITS << 8;
      default -> {}
    }
  }

  private static void vendor(int max, String name, int[] into) {
    into[0] = max;
    into[1] = letters(name, 0);
    into[3] = letters(name, 4);
    into[2] = letters(name, 8);
  }

  private static void hypervisor(int[] into) {
    into[0] = HYPERVISOR_MAX;
    into[1] = letters("KVMKVMKVM", 0);
    into[2] = letters("KVMKVMKVM", 4);
    into[3] = letters("KVMKVMKVM", 8);
  }

  private static int letters(String text, int from) {
    int word = 0;
    for (int i = 0; i < 4; i++) {
      int letter = from + i < text.length() ? text.charAt(from + i) : 0;
      word |= letter << 8 * i;
    }
    return word;
  }

  private void brand(int third, int[] into) {
    for (int i = 0; i < 4; i++) {
      into[i] = letters(brand, third * 16 + i * 4);
    }
  }

  private void features(int apicId, int vcpuCount, int[] into) {
    into[0] = signature;
    into[1] = 8 << 8 | Math.min(vcpuCount, 255) << 16 | apicId << 24;
    into[2] = CX16 | X2APIC | POPCNT | TSC_DEADLINE | HYPERVISOR;
    into[3] = FEATURES | (vcpuCount > 1 ? HTT : 0);
  }

  /// One thread a core, all cores in one package (leaf 0xB).
  private static void topology(int subleaf, int apicId, int vcpuCount, int[] into) {
    int coreBits = 32 - Integer.numberOfLeadingZeros(Math.max(vcpuCount - 1, 0));
    into[2] = subleaf & 0xFF;
    into[3] = apicId;
    if (subleaf == 0) {
      into[1] = 1;
      into[2] |= 1 << 8;
    } else if (subleaf == 1) {
      into[0] = coreBits;
      into[1] = vcpuCount;
      into[2] |= 2 << 8;
    }
  }
}
