package dev.javisor.kvm.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.javisor.vmm.hypervisor.VcpuState.DebugRegisters;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

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

  public static DebugRegisters read(MemorySegment source) {
    return new DebugRegisters(
        source.get(JAVA_LONG, 0),
        source.get(JAVA_LONG, 8),
        source.get(JAVA_LONG, 16),
        source.get(JAVA_LONG, 24),
        source.get(JAVA_LONG, 32),
        source.get(JAVA_LONG, 40));
  }

  public static void write(DebugRegisters debug, MemorySegment target) {
    target.fill((byte) 0);
    target.set(JAVA_LONG, 0, debug.dr0());
    target.set(JAVA_LONG, 8, debug.dr1());
    target.set(JAVA_LONG, 16, debug.dr2());
    target.set(JAVA_LONG, 24, debug.dr3());
    target.set(JAVA_LONG, 32, debug.dr6());
    target.set(JAVA_LONG, 40, debug.dr7());
  }
}
