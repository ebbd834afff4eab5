package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// `struct kvm_regs`: 144 bytes (api.rst, KVM_GET_REGS), read into and written from the
/// engine-neutral record.
public final class Regs {
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("rax"),
              JAVA_LONG.withName("rbx"),
              JAVA_LONG.withName("rcx"),
              JAVA_LONG.withName("rdx"),
              JAVA_LONG.withName("rsi"),
              JAVA_LONG.withName("rdi"),
              JAVA_LONG.withName("rsp"),
              JAVA_LONG.withName("rbp"),
              JAVA_LONG.withName("r8"),
              JAVA_LONG.withName("r9"),
              JAVA_LONG.withName("r10"),
              JAVA_LONG.withName("r11"),
              JAVA_LONG.withName("r12"),
              JAVA_LONG.withName("r13"),
              JAVA_LONG.withName("r14"),
              JAVA_LONG.withName("r15"),
              JAVA_LONG.withName("rip"),
              JAVA_LONG.withName("rflags"))
          .withName("kvm_regs");

  public static final long KVM_GET_REGS = Ioc.read(0x81, LAYOUT);
  public static final long KVM_SET_REGS = Ioc.write(0x82, LAYOUT);

  private Regs() {}

  public static Registers read(MemorySegment source) {
    return new Registers(
        source.get(JAVA_LONG, 0),
        source.get(JAVA_LONG, 8),
        source.get(JAVA_LONG, 16),
        source.get(JAVA_LONG, 24),
        source.get(JAVA_LONG, 32),
        source.get(JAVA_LONG, 40),
        source.get(JAVA_LONG, 48),
        source.get(JAVA_LONG, 56),
        source.get(JAVA_LONG, 64),
        source.get(JAVA_LONG, 72),
        source.get(JAVA_LONG, 80),
        source.get(JAVA_LONG, 88),
        source.get(JAVA_LONG, 96),
        source.get(JAVA_LONG, 104),
        source.get(JAVA_LONG, 112),
        source.get(JAVA_LONG, 120),
        source.get(JAVA_LONG, 128),
        source.get(JAVA_LONG, 136));
  }

  public static void write(Registers registers, MemorySegment target) {
    target.set(JAVA_LONG, 0, registers.rax());
    target.set(JAVA_LONG, 8, registers.rbx());
    target.set(JAVA_LONG, 16, registers.rcx());
    target.set(JAVA_LONG, 24, registers.rdx());
    target.set(JAVA_LONG, 32, registers.rsi());
    target.set(JAVA_LONG, 40, registers.rdi());
    target.set(JAVA_LONG, 48, registers.rsp());
    target.set(JAVA_LONG, 56, registers.rbp());
    target.set(JAVA_LONG, 64, registers.r8());
    target.set(JAVA_LONG, 72, registers.r9());
    target.set(JAVA_LONG, 80, registers.r10());
    target.set(JAVA_LONG, 88, registers.r11());
    target.set(JAVA_LONG, 96, registers.r12());
    target.set(JAVA_LONG, 104, registers.r13());
    target.set(JAVA_LONG, 112, registers.r14());
    target.set(JAVA_LONG, 120, registers.r15());
    target.set(JAVA_LONG, 128, registers.rip());
    target.set(JAVA_LONG, 136, registers.rflags());
  }
}
