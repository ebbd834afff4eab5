package dev.javisor.x86.engine;

import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.hypervisor.VirtualMachine;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.memory.GuestRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// How fast this engine is here: a loop of six plain instructions, with a load and a store, until
/// the JVM has compiled it.
public final class SoftwareProbe {
  private static final int RAM_BYTES = 1 << 16;
  private static final int CODE = 0x1000;
  private static final int LOOPS = 2_000_000;
  private static final int INSTRUCTIONS_A_LOOP = 6;
  private static final int TRIES = 6;
  private static final long CR0_PE = 1;

  /// mov ecx, LOOPS; again: add eax, ebx; mov edx, [esi]; xor edx, eax; mov [esi], edx; dec ecx;
  /// jnz again; out 0x80, al
  private static final byte[] PAYLOAD = {
    (byte) 0xB9,
    (byte) LOOPS,
    (byte) (LOOPS >> 8),
    (byte) (LOOPS >> 16),
    0,
    0x01,
    (byte) 0xD8,
    (byte) 0x8B,
    0x16,
    0x31,
    (byte) 0xC2,
    (byte) 0x89,
    0x16,
    0x49,
    0x75,
    (byte) 0xF5,
    (byte) 0xE6,
    (byte) 0x80
  };

  private SoftwareProbe() {}

  /// Millions of instructions a second, the best of some tries; takes about half a second.
  public static double mips() {
    double best = 0;
    try (Arena arena = Arena.ofConfined();
        SoftwareHypervisor engine = new SoftwareHypervisor();
        VirtualMachine vm = engine.createMachine(1)) {
      MemorySegment ram = arena.allocate(RAM_BYTES, GuestRegion.PAGE_BYTES);
      ram.asSlice(CODE, PAYLOAD.length).copyFrom(MemorySegment.ofArray(PAYLOAD));
      vm.map(new GuestRegion(0, ram, false));
      try (Vcpu vcpu = vm.createVcpu(0)) {
        VcpuState start = start(vcpu.state());
        for (int i = 0; i < TRIES; i++) {
          best = Math.max(best, once(vcpu, start));
        }
      }
    }
    return best;
  }

  private static double once(Vcpu vcpu, VcpuState start) {
    vcpu.state(start);
    long began = System.nanoTime();
    VmExit exit = vcpu.run();
    long nanos = System.nanoTime() - began;
    if (!(exit instanceof VmExit.PortOut)) {
      throw new IllegalStateException("the probe ended with " + exit);
    }
    return (double) LOOPS * INSTRUCTIONS_A_LOOP * 1000 / nanos;
  }

  /// 32-bit protected mode, flat, without paging.
  private static VcpuState start(VcpuState reset) {
    SystemRegisters s = reset.system();
    Segment data = Segment.flat(0x10, Segment.DATA_32);
    return reset.entering(
        Registers.at(CODE),
        new SystemRegisters(
            Segment.flat(0x08, Segment.CODE_32),
            data,
            data,
            data,
            data,
            data,
            s.tr(),
            s.ldt(),
            s.gdt(),
            s.idt(),
            CR0_PE | s.cr0(),
            0,
            0,
            s.cr4(),
            0,
            s.efer(),
            s.apicBase()));
  }
}
