package dev.javisor.vmm.machine;

import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;

/// A vCPU's registers for a person who must find out why it stopped.
public final class VcpuReport {
  private static final long EFER_LMA = 1L << 10;
  private static final long CR0_PE = 1;

  private VcpuReport() {}

  public static String of(VcpuState state) {
    Registers r = state.registers();
    SystemRegisters s = state.system();
    return """
        mode %s, rip %016x, rflags %x, %s
        rax %016x rbx %016x rcx %016x rdx %016x
        rsi %016x rdi %016x rsp %016x rbp %016x
        r8  %016x r9  %016x r10 %016x r11 %016x
        r12 %016x r13 %016x r14 %016x r15 %016x
        cs %04x base %x, cr0 %x cr2 %x cr3 %x cr4 %x efer %x, gdt %x idt %x"""
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
            s.idt().base());
  }

  /// `real`, `protected` or `long`.
  public static String mode(SystemRegisters system) {
    if ((system.efer() & EFER_LMA) != 0) {
      return "long";
    }
    return (system.cr0() & CR0_PE) != 0 ? "protected" : "real";
  }
}
