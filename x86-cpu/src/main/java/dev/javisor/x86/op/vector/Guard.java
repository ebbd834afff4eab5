package dev.javisor.x86.op.vector;

import dev.javisor.x86.fp.X87;
import dev.javisor.x86.op.Context;
import dev.javisor.x86.state.Cpu;
import dev.javisor.x86.state.CpuFault;
import dev.javisor.x86.state.Slots;
import dev.javisor.x86.table.Attribute;
import dev.javisor.x86.table.Form;

/// What has to be so before an instruction does anything (SDM 3A, 2.5, table 2-3; 14.1): CR0.EM,
/// CR0.TS, CR4.OSFXSR and no x87 exception waiting. Without CR0.NE a waiting one is for the FERR#
/// pin, which nothing is connected to.
final class Guard {
  private static final long CR0_MP = 1 << 1;
  private static final long CR0_EM = 1 << 2;
  private static final long CR0_TS = 1 << 3;
  private static final long CR0_NE = 1 << 5;
  private static final long CR4_OSFXSR = 1 << 9;

  private final long undefined;
  private final long needed;
  private final long unavailable;
  private final boolean isWaiting;

  private Guard(long undefined, long needed, long unavailable, boolean isWaiting) {
    this.undefined = undefined;
    this.needed = needed;
    this.unavailable = unavailable;
    this.isWaiting = isWaiting;
  }

  static Guard of(Context c) {
    Form form = c.instruction().form();
    if (form.is(Attribute.X87)) {
      return new Guard(0, 0, CR0_EM | CR0_TS, form.is(Attribute.MF));
    }
    boolean isMmx = Registers.usesMmx(c);
    boolean isSse = form.is(Attribute.SSE) || form.is(Attribute.SSE2);
    if (!isMmx && !isSse) {
      return new Guard(0, 0, 0, false);
    }
    boolean needsFxsr = isSse && (!form.is(Attribute.MMX) || Registers.usesXmm(c));
    return new Guard(CR0_EM, needsFxsr ? CR4_OSFXSR : 0, CR0_TS, isMmx);
  }

  void check(Cpu cpu) {
    long cr0 = cpu.get(Slots.CR0);
    if ((cr0 & undefined) != 0 || (cpu.get(Slots.CR4) & needed) != needed) {
      throw cpu.fault(CpuFault.UD);
    } else if ((cr0 & unavailable) != 0) {
      throw cpu.fault(CpuFault.NM);
    } else if (isWaiting) {
      checkPending(cpu);
    }
  }

  private static void checkPending(Cpu cpu) {
    if ((X87.fsw(cpu) & X87.ES) != 0 && (cpu.get(Slots.CR0) & CR0_NE) != 0) {
      throw cpu.fault(CpuFault.MF);
    }
  }

  /// WAIT, to which CR0.TS matters only with CR0.MP, and CR0.EM does not.
  static void checkWait(Cpu cpu) {
    if ((~cpu.get(Slots.CR0) & (CR0_MP | CR0_TS)) == 0) {
      throw cpu.fault(CpuFault.NM);
    }
    checkPending(cpu);
  }
}
