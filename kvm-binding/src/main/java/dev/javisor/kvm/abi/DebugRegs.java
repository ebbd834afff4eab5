package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.vmm.hypervisor.VcpuState.DebugRegisters;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/// `struct kvm_debugregs`: 128 bytes (api.rst, KVM_GET_DEBUGREGS).
public final class DebugRegs {
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
              MemoryLayout.sequenceLayout(4, JAVA_LONG).withName("db"),
              JAVA_LONG.withName("dr6"),
              JAVA_LONG.withName("dr7"),
              JAVA_LONG.withName("flags"),
              MemoryLayout.sequenceLayout(9, JAVA_LONG).withName("reserved"))
          .withName("kvm_debugregs");

  public static final long KVM_GET_DEBUGREGS = Ioc.read(0xA1, LAYOUT);
  public static final long KVM_SET_DEBUGREGS = Ioc.write(0xA2, LAYOUT);

  private DebugRegs() {}

  public static DebugRegisters read(ByteBuffer source) {
    return new DebugRegisters(
        source.getLong(0),
        source.getLong(8),
        source.getLong(16),
        source.getLong(24),
        source.getLong(32),
        source.getLong(40));
  }

  public static void write(DebugRegisters debug, ByteBuffer target) {
    target.putLong(0, debug.dr0());
    target.putLong(8, debug.dr1());
    target.putLong(16, debug.dr2());
    target.putLong(24, debug.dr3());
    target.putLong(32, debug.dr6());
    target.putLong(40, debug.dr7());
  }
}
