package dev.javisor.x86.system;

import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;

/// Who may do port I/O: IOPL, and the task's bitmap (SDM 1, 19.5).
public final class PortPermission {
  private static final int MAP_BASE = 102;

  private PortPermission() {}

  /// @throws CpuFault `#GP(0)` if `size` ports from `port` on are not all allowed
  public static void check(Cpu cpu, int port, int size) {
    if (!cpu.isProtected() && !cpu.flag(Flags.VM)) {
      return;
    } else if (cpu.cpl() > FarTransfers.iopl(cpu) || cpu.flag(Flags.VM)) {
      checkMap(cpu, port, size);
    }
  }

  private static void checkMap(Cpu cpu, int port, int size) {
    long limit = cpu.segmentLimit(Descriptor.TR);
    boolean isWide = (cpu.segmentAttributes(Descriptor.TR) & 8) != 0;
    if (!isWide || limit < MAP_BASE + 1) {
      throw cpu.fault(CpuFault.GP);
    }
    long base = cpu.segmentBase(Descriptor.TR);
    long at = (Descriptor.load(cpu, base + MAP_BASE) & 0xFFFF) + (port >> 3);
    if (at + 1 > limit) {
      throw cpu.fault(CpuFault.GP);
    }
    long bits = Descriptor.load(cpu, base + at) >> (port & 7);
    if ((bits & (1 << size) - 1) != 0) {
      throw cpu.fault(CpuFault.GP);
    }
  }
}
