package dev.javisor.x86.engine;

import dev.javisor.x86.chip.LocalApic;
import dev.javisor.x86.mmu.PhysicalMemory;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Platform;
import java.util.OptionalLong;

/// What surrounds one vCPU: ports, model-specific registers, CPUID, time.
final class VcpuPlatform implements Platform {
  private static final int TSC = 0x10;
  private static final int PLATFORM_ID = 0x17;
  private static final int APIC_BASE = 0x1B;
  private static final int MICROCODE_REVISION = 0x8B;
  private static final int MISC_ENABLE = 0x1A0;
  private static final int TSC_DEADLINE = 0x6E0;
  private static final int X2APIC_FIRST = 0x800;
  private static final int X2APIC_LAST = 0x8FF;

  /// Fast strings.
  private static final long MISC_ENABLED = 1;

  private final CpuModel model;
  private final ChipSet chips;
  private final LocalApic apic;
  private final VcpuClock clock;
  private final ParavirtualClock paravirtual;
  private final ParavirtualEoi eoi;
  private final PendingAccess accesses;
  private final PhysicalMemory memory;
  private final int index;
  private final int vcpuCount;

  VcpuPlatform(
      CpuModel model,
      ChipSet chips,
      int index,
      int vcpuCount,
      VcpuMemory memory,
      PendingAccess accesses) {
    this.model = model;
    this.chips = chips;
    this.apic = chips.apic(index);
    this.clock = chips.clock(index);
    this.paravirtual = new ParavirtualClock(clock);
    this.eoi = memory.eoi();
    this.index = index;
    this.vcpuCount = vcpuCount;
    this.memory = memory;
    this.accesses = accesses;
  }

  ParavirtualClock paravirtual() {
    return paravirtual;
  }

  ParavirtualEoi eoi() {
    return eoi;
  }

  @Override
  public void completed() {
    accesses.clear();
  }

  @Override
  public long in(int port, int size) {
    if (!ChipSet.claimsPort(port)) {
      return accesses.in(port, size);
    }
    accesses.byItself();
    return chips.ports().read(port, size) & (1L << size * 8) - 1;
  }

  @Override
  public void out(int port, int size, long value) {
    if (ChipSet.claimsPort(port)) {
      accesses.byItself();
      chips.ports().write(port, size, value);
    } else {
      accesses.out(port, size, value);
    }
  }

  @Override
  public long cr4Bits() {
    return model.cr4Bits();
  }

  @Override
  public long readMsr(Cpu cpu, int msr) {
    accesses.byItself();
    if (msr >= X2APIC_FIRST && msr <= X2APIC_LAST) {
      eoi.withdraw();
      OptionalLong value = apic.readMsr(msr);
      return value.orElseThrow(() -> cpu.fault(CpuFault.GP));
    }
    return switch (msr) {
      case TSC -> clock.now();
      case APIC_BASE -> apic.base();
      case TSC_DEADLINE -> apic.tscDeadline();
      case PLATFORM_ID, MICROCODE_REVISION -> 0;
      case MISC_ENABLE -> MISC_ENABLED;
      case ParavirtualEoi.ENABLE -> eoi.register();
      case ParavirtualClock.SYSTEM_TIME -> paravirtual.systemTime();
      case ParavirtualClock.WALL_CLOCK -> paravirtual.wallClock();
      default -> throw cpu.fault(CpuFault.GP);
    };
  }

  @Override
  public void writeMsr(Cpu cpu, int msr, long value) {
    accesses.byItself();
    putMsr(cpu, msr, value);
  }

  /// Becomes a saved one, in no instruction.
  void restoreMsr(Cpu cpu, int msr, long value) {
    switch (msr) {
      case ParavirtualEoi.ENABLE -> eoi.restore(value);
      case ParavirtualClock.SYSTEM_TIME -> paravirtual.restoreSystemTime(value);
      case ParavirtualClock.WALL_CLOCK -> paravirtual.restoreWallClock(value);
      default -> putMsr(cpu, msr, value);
    }
  }

  private void putMsr(Cpu cpu, int msr, long value) {
    if (msr >= X2APIC_FIRST && msr <= X2APIC_LAST) {
      eoi.withdraw();
      require(cpu, apic.writeMsr(msr, value));
      return;
    }
    switch (msr) {
      case TSC -> {
        clock.set(value);
        apic.tscMoved();
      }
      case APIC_BASE -> require(cpu, apic.base(value));
      case TSC_DEADLINE -> apic.tscDeadline(value);
      case MICROCODE_REVISION, MISC_ENABLE -> {}
      case ParavirtualEoi.ENABLE -> require(cpu, eoi.register(value));
      case ParavirtualClock.SYSTEM_TIME -> paravirtual.systemTime(memory, value);
      case ParavirtualClock.WALL_CLOCK -> paravirtual.wallClock(memory, value);
      default -> throw cpu.fault(CpuFault.GP);
    }
  }

  private static void require(Cpu cpu, boolean done) {
    if (!done) {
      throw cpu.fault(CpuFault.GP);
    }
  }

  @Override
  public void cpuid(Cpu cpu, int leaf, int subleaf, int[] into) {
    model.cpuid(leaf, subleaf, index, vcpuCount, into);
  }

  @Override
  public long tsc(Cpu cpu) {
    accesses.byItself();
    return clock.now();
  }

  VcpuClock clock() {
    return clock;
  }

  @Override
  public long cr8(Cpu cpu) {
    return apic.cr8();
  }

  @Override
  public void cr8(Cpu cpu, long value) {
    accesses.byItself();
    apic.cr8((int) value);
  }
}
