package dev.javisor.x86.system;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;

/// RDMSR and WRMSR (SDM 4): registers that are slots here, the rest is the platform's.
public final class Msrs {
  public static final int SYSENTER_CS = 0x174;
  public static final int SYSENTER_ESP = 0x175;
  public static final int SYSENTER_EIP = 0x176;
  public static final int PAT = 0x277;
  public static final int EFER = 0xC000_0080;
  public static final int STAR = 0xC000_0081;
  public static final int LSTAR = 0xC000_0082;
  public static final int CSTAR = 0xC000_0083;
  public static final int FMASK = 0xC000_0084;
  public static final int FS_BASE = 0xC000_0100;
  public static final int GS_BASE = 0xC000_0101;
  public static final int KERNEL_GS_BASE = 0xC000_0102;
  public static final int TSC_AUX = 0xC000_0103;
  private static final int NONE = -1;

  private Msrs() {}

  public static long read(Cpu cpu, int index) {
    try {
      int slot = slot(index);
      long value = slot == NONE ? cpu.platform().readMsr(cpu, index) : cpu.get(slot);
      cpu.witness().msrRead(cpu, index, value);
      return value;
    } catch (CpuFault refused) {
      cpu.witness().msrRefused(cpu, index);
      throw refused;
    }
  }

  public static void write(Cpu cpu, int index, long value) {
    try {
      put(cpu, index, value);
    } catch (CpuFault refused) {
      cpu.witness().msrRefused(cpu, index);
      throw refused;
    }
    cpu.witness().msrWritten(cpu, index, value);
  }

  private static void put(Cpu cpu, int index, long value) {
    switch (index) {
      case EFER -> Control.efer(cpu, value);
      case LSTAR, CSTAR, FS_BASE, GS_BASE, KERNEL_GS_BASE, SYSENTER_ESP, SYSENTER_EIP ->
          put(cpu, index, value, value << 16 >> 16 == value);
      case FMASK, TSC_AUX -> put(cpu, index, value, value >>> 32 == 0);
      case PAT -> put(cpu, index, value, isPat(value));
      case STAR, SYSENTER_CS -> put(cpu, index, value, true);
      default -> cpu.platform().writeMsr(cpu, index, value);
    }
  }

  private static void put(Cpu cpu, int index, long value, boolean isAllowed) {
    if (!isAllowed) {
      throw cpu.fault(CpuFault.GP);
    }
    cpu.set(slot(index), value);
  }

  /// Each byte a memory type: 0, 1, 4, 5, 6 or 7 (SDM 3A, 13.12.2).
  private static boolean isPat(long value) {
    for (int i = 0; i < 64; i += 8) {
      long type = value >>> i & 0xFF;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }

  private static int slot(int index) {
    return switch (index) {
      case SYSENTER_CS -> Slots.SYSENTER_CS;
      case SYSENTER_ESP -> Slots.SYSENTER_ESP;
      case SYSENTER_EIP -> Slots.SYSENTER_EIP;
      case PAT -> Slots.PAT;
      case EFER -> Slots.EFER;
      case STAR -> Slots.STAR;
      case LSTAR -> Slots.LSTAR;
      case CSTAR -> Slots.CSTAR;
      case FMASK -> Slots.FMASK;
      case FS_BASE -> Slots.segment(4);
      case GS_BASE -> Slots.segment(5);
      case KERNEL_GS_BASE -> Slots.KERNEL_GS_BASE;
      case TSC_AUX -> Slots.TSC_AUX;
      default -> NONE;
    };
  }
}
