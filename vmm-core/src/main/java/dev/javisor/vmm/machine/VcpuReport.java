package dev.javisor.vmm.machine;

import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A vCPU's registers for a person who must find out why it stopped.
public final class VcpuReport {
  private static final long EFER_LMA = 1L << 10;
  private static final long CR0_PE = 1;
  private static final int MSR_TSC = 0x10;
  private static final int MSR_TSC_DEADLINE = 0x6E0;
  private static final int APIC_TPR = 0x80;
  private static final int APIC_ISR = 0x100;
  private static final int APIC_IRR = 0x200;
  private static final int APIC_LVT_TIMER = 0x320;

  private VcpuReport() {}

  /// With what its engine knows. On its thread.
  static String of(Vcpu vcpu) {
    String more = vcpu.diagnosis();
    return of(vcpu.state()) + (more.isEmpty() ? "" : "\n" + more);
  }

  public static String of(VcpuState state) {
    Registers r = state.registers();
    SystemRegisters s = state.system();
    return """
        mode %s, rip %016x, rflags %x, %s
        rax %016x rbx %016x rcx %016x rdx %016x
        rsi %016x rdi %016x rsp %016x rbp %016x
        r8  %016x r9  %016x r10 %016x r11 %016x
        r12 %016x r13 %016x r14 %016x r15 %016x
        cs %04x base %x, cr0 %x cr2 %x cr3 %x cr4 %x efer %x, gdt %x idt %x
        %s"""
        .formatted(
            mode(s),
            r.rip(),
            r.rflags(),
            state.runState(),
            r.rax(),
            r.rbx(),
            r.rcx(),
            r.rdx(),
            r.rsi(),
            r.rdi(),
            r.rsp(),
            r.rbp(),
            r.r8(),
            r.r9(),
            r.r10(),
            r.r11(),
            r.r12(),
            r.r13(),
            r.r14(),
            r.r15(),
            s.cs().selector(),
            s.cs().base(),
            s.cr0(),
            s.cr2(),
            s.cr3(),
            s.cr4(),
            s.efer(),
            s.gdt().base(),
            s.idt().base(),
            interrupts(state));
  }

  /// What could wake it: the local APIC's vectors and timer (SDM 3A, table 11-1).
  private static String interrupts(VcpuState state) {
    byte[] apic = state.apic();
    return "apic tpr %x, requested%s, in service%s, timer %x, deadline %x, tsc %x at %d kHz"
        .formatted(
            apic[APIC_TPR] & 0xFF,
            vectors(apic, APIC_IRR),
            vectors(apic, APIC_ISR),
            word(apic, APIC_LVT_TIMER),
            state.msrs().getOrDefault(MSR_TSC_DEADLINE, 0L),
            state.msrs().getOrDefault(MSR_TSC, 0L),
            state.tscKhz());
  }

  /// The bits that are set in the 256 from `register` on, 32 each 16 bytes.
  private static String vectors(byte[] apic, int register) {
    StringBuilder set = new StringBuilder();
    for (int vector = 0; vector < 256; vector++) {
      if ((word(apic, register + vector / 32 * 16) >>> vector % 32 & 1) != 0) {
        set.append(' ').append(Integer.toHexString(vector));
      }
    }
    return set.isEmpty() ? " none" : set.toString();
  }

  private static int word(byte[] apic, int register) {
    return ByteBuffer.wrap(apic).order(ByteOrder.LITTLE_ENDIAN).getInt(register);
  }

  /// `real`, `protected` or `long`.
  public static String mode(SystemRegisters system) {
    if ((system.efer() & EFER_LMA) != 0) {
      return "long";
    }
    return (system.cr0() & CR0_PE) != 0 ? "protected" : "real";
  }
}
