package dev.javisor.kvm;

import dev.javisor.linux.call.NativeStruct;
import dev.javisor.linux.memory.Mapping;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.hypervisor.VcpuState.Registers;
import dev.javisor.vmm.hypervisor.VcpuState.Segment;
import dev.javisor.vmm.hypervisor.VcpuState.SystemRegisters;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.memory.GuestRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/// Tells a KVM that runs guest code on the processor from one that emulates it: by how fast a
/// loop goes. A software KVM answers every ioctl and then runs a guest at about 2 million
/// instructions a second, a thousandth of what hardware does.
public final class KvmProbe {
  /// Below this many million instructions a second, the processor does not run the guest. An
  /// emulating KVM reaches 2, hardware thousands, hardware that is itself emulated 245 and more.
  public static final double HARDWARE_MIPS_MIN = 30;

  private static final int RUNS = 5;

  /// A busy host makes a fast KVM look slow, never a slow one fast: so a slow verdict is asked for
  /// again, a little later each time. Only who is about to be refused waits for that.
  private static final int TRIES = 8;

  private static final long TRY_AGAIN_NANOS = 25_000_000;

  /// Each time around the loop.
  private static final double INSTRUCTIONS = 2;

  private static final int SHORT_LOOP = 1_000;
  private static final int LONG_LOOP = 20_000;

  /// Instead of the long one where even the short one takes [#SLOW_NANOS].
  private static final int MIDDLE_LOOP = 3_000;

  private static final long SLOW_NANOS = 700_000;
  private static final int CODE_GPA = 0x1000;
  private static final int COUNT_GPA = 0x800;

  /// Real mode. Each run of the vCPU goes once around, to the next OUT.
  private static final byte[] CODE = {
    0x66,
    (byte) 0x8B,
    0x0E,
    0x00,
    0x08, // start: mov ecx, [0x800]
    0x66,
    0x49, // again: dec ecx
    0x75,
    (byte) 0xFC, // jnz again
    (byte) 0xE6,
    0x10, // out 0x10, al
    (byte) 0xEB,
    (byte) 0xF3, // jmp start
  };

  private KvmProbe() {}

  /// Million instructions a second, the best of a few runs; takes about 10 ms where that is fast
  /// enough, and up to a second where it is not.
  ///
  /// @throws IllegalStateException if the guest did something else than count
  public static double mips(KvmHypervisor kvm) {
    try (Arena arena = Arena.ofConfined();
        KvmMachine vm = kvm.createMachine(1)) {
      MemorySegment ram = Mapping.anonymous(2 * GuestRegion.PAGE_BYTES, arena);
      ram.asSlice(CODE_GPA, CODE.length).copyFrom(MemorySegment.ofArray(CODE));
      vm.map(new GuestRegion(0, ram, false));
      try (Vcpu vcpu = vm.createVcpu(0)) {
        vcpu.state(atCode(vcpu.state()));
        return measure(vcpu, NativeStruct.of(ram).bytes());
      }
    }
  }

  private static VcpuState atCode(VcpuState reset) {
    SystemRegisters s = reset.system();
    SystemRegisters flat =
        new SystemRegisters(
            Segment.real(0, Segment.CODE_16),
            Segment.real(0, Segment.DATA_16),
            s.es(),
            s.fs(),
            s.gs(),
            s.ss(),
            s.tr(),
            s.ldt(),
            s.gdt(),
            s.idt(),
            s.cr0(),
            s.cr2(),
            s.cr3(),
            s.cr4(),
            s.cr8(),
            s.efer(),
            s.apicBase());
    return reset.entering(Registers.at(CODE_GPA), flat);
  }

  private static double measure(Vcpu vcpu, ByteBuffer ram) {
    double best = 0;
    for (int i = 0; i < TRIES && best < HARDWARE_MIPS_MIN; i++) {
      LockSupport.parkNanos(i * TRY_AGAIN_NANOS);
      best = Math.max(best, once(vcpu, ram));
    }
    return best;
  }

  /// Two lengths of loop, so that the cost of an exit falls out of the difference. Where a busy
  /// host disturbed the short one, the long one alone counts, exit included: rather too slow.
  private static double once(Vcpu vcpu, ByteBuffer ram) {
    long shortNanos = best(vcpu, ram, SHORT_LOOP);
    int longer = shortNanos > SLOW_NANOS ? MIDDLE_LOOP : LONG_LOOP;
    long longNanos = best(vcpu, ram, longer);
    return mips(shortNanos, longer, longNanos);
  }

  static double mips(long shortNanos, int longer, long longNanos) {
    return longNanos > 2 * shortNanos
        ? INSTRUCTIONS * (longer - SHORT_LOOP) * 1e3 / (longNanos - shortNanos)
        : INSTRUCTIONS * longer * 1e3 / Math.max(1, longNanos);
  }

  private static long best(Vcpu vcpu, ByteBuffer ram, int count) {
    ram.putInt(COUNT_GPA, count);
    long best = Long.MAX_VALUE;
    for (int i = 0; i < RUNS; i++) {
      long start = System.nanoTime();
      VmExit exit = vcpu.run();
      best = Math.min(best, System.nanoTime() - start);
      if (!(exit instanceof VmExit.PortOut)) {
        throw new IllegalStateException("the probe's guest ended in " + exit);
      }
    }
    return best;
  }
}
