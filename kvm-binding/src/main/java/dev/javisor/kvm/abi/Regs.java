package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

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

  public static Registers read(ByteBuffer source) {
    return new Registers(
        source.getLong(0),
        source.getLong(8),
        source.getLong(16),
        source.getLong(24),
        source.getLong(32),
        source.getLong(40),
        source.getLong(48),
        source.getLong(56),
        source.getLong(64),
        source.getLong(72),
        source.getLong(80),
        source.getLong(88),
        source.getLong(96),
        source.getLong(104),
        source.getLong(112),
        source.getLong(120),
        source.getLong(128),
        source.getLong(136));
  }

  public static void write(Registers registers, ByteBuffer target) {
    target.putLong(0, registers.rax());
    target.putLong(8, registers.rbx());
    target.putLong(16, registers.rcx());
    target.putLong(24, registers.rdx());
    target.putLong(32, registers.rsi());
    target.putLong(40, registers.rdi());
    target.putLong(48, registers.rsp());
    target.putLong(56, registers.rbp());
    target.putLong(64, registers.r8());
    target.putLong(72, registers.r9());
    target.putLong(80, registers.r10());
    target.putLong(88, registers.r11());
    target.putLong(96, registers.r12());
    target.putLong(104, registers.r13());
    target.putLong(112, registers.r14());
    target.putLong(120, registers.r15());
    target.putLong(128, registers.rip());
    target.putLong(136, registers.rflags());
  }
}
