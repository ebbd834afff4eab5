package dev.javisor.x86.code;

import dev.javisor.x86.decode.Instruction;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Flags;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.system.Breakpoints;
import dev.javisor.x86.system.Interrupts;
import dev.javisor.x86.system.ModeKey;

/// What comes before and after an instruction that runs alone, for TF, breakpoints or an interrupt
/// shadow (SDM 3B, 19.3.1). One vCPU's.
final class SingleSteps {
  private static final long SINGLE_STEP = 1 << 14;

  private final Cpu cpu;
  private boolean traps;
  private boolean wasShadowed;
  private boolean wasResumed;

  SingleSteps(Cpu cpu) {
    this.cpu = cpu;
  }

  /// False when a breakpoint is at the instruction: its exception has been raised instead.
  boolean before() {
    wasShadowed = cpu.get(Slots.SHADOW) != 0;
    wasResumed = cpu.flag(Flags.RF);
    traps = cpu.flag(Flags.TF);
    boolean isHeld = wasResumed || cpu.get(Slots.SHADOW) == Slots.SHADOW_OF_SS;
    long hits = isHeld || !Breakpoints.any(cpu) ? 0 : Breakpoints.ofFetch(cpu, linear());
    if (hits != 0) {
      raise(hits);
      return false;
    }
    // What it is for is over, unless the instruction sets it or has to be begun again. A fault
    // pushes it set whatever it is.
    cpu.flag(Flags.RF, false);
    return true;
  }

  private long linear() {
    long rip = cpu.get(Slots.RIP);
    boolean isLong = ModeKey.mode((int) cpu.get(Slots.KEY)).isLong();
    return isLong ? rip : rip + cpu.segmentBase(Instruction.CS) & 0xFFFF_FFFFL;
  }

  /// The instruction waits for an answer and will run again.
  void waits() {
    cpu.set(Slots.DEBUG_HITS, 0);
    if (wasResumed) {
      cpu.flag(Flags.RF, true);
    }
    wasResumed = false;
  }

  /// The instruction has faulted, and that has been delivered.
  void faulted() {
    traps = false;
    wasResumed = false;
    cpu.set(Slots.DEBUG_HITS, 0);
  }

  /// The instruction has ended.
  void after() {
    wasResumed = false;
    if (wasShadowed) {
      cpu.set(Slots.SHADOW, 0);
    }
    if (cpu.get(Slots.SHADOW) != Slots.SHADOW_OF_SS) {
      long hits = cpu.get(Slots.DEBUG_HITS) | (traps ? SINGLE_STEP : 0);
      cpu.set(Slots.DEBUG_HITS, 0);
      if (hits != 0 && cpu.get(Slots.ACTIVITY) == Slots.RUNNING) {
        raise(hits);
        return;
      }
    }
    leave();
  }

  private void raise(long reasons) {
    cpu.set(Slots.DR6, cpu.get(Slots.DR6) | reasons);
    Interrupts.raise(cpu, CpuFault.DB, 0);
    leave();
  }

  private void leave() {
    ModeKey.update(cpu);
    cpu.kick();
  }
}
