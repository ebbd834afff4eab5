package dev.javisor.x86.engine;

import dev.javisor.x86.mmu.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// KVM's clock (Linux, Documentation/virt/kvm/x86/msr.rst): where the guest wants it, a page says
/// how the TSC becomes nanoseconds. Since our TSC never stops or changes, it is written once, and
/// what another processor wrote stays true when its TSC is gone on with. One vCPU's.
final class ParavirtualClock {
  static final int WALL_CLOCK = 0x4B56_4D00;
  static final int SYSTEM_TIME = 0x4B56_4D01;
  private static final int ENABLED = 1;
  private static final int SYSTEM_TIME_BYTES = 32;
  private static final int WALL_CLOCK_BYTES = 12;
  private static final int TSC_STABLE = 1;

  /// tsc << 1 times 2^31, shifted right by 32: itself.
  private static final int SHIFT = 1;

  private static final int MULTIPLIER = 0x8000_0000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final VcpuClock clock;
  private long systemTime;
  private long wallClock;
  private int version;

  ParavirtualClock(VcpuClock clock) {
    this.clock = clock;
  }

  long systemTime() {
    return systemTime;
  }

  long wallClock() {
    return wallClock;
  }

  /// A write of MSR_KVM_SYSTEM_TIME_NEW: an address, and bit 0 to turn it on.
  void systemTime(PhysicalMemory memory, long value) {
    systemTime = value;
    if ((value & ENABLED) != 0) {
      write(memory, value & ~1L);
    }
  }

  private void write(PhysicalMemory memory, long gpa) {
    if (!isRam(memory, gpa, SYSTEM_TIME_BYTES)) {
      return;
    }
    MemorySegment info = memory.ram().asSlice(gpa, SYSTEM_TIME_BYTES);
    version += 2;
    info.set(U32, 0, version - 1);
    VarHandle.releaseFence();
    long tsc = clock.now();
    info.set(U64, 8, tsc);
    info.set(U64, 16, tsc);
    info.set(U32, 24, MULTIPLIER);
    info.set(ValueLayout.JAVA_BYTE, 28, (byte) SHIFT);
    info.set(ValueLayout.JAVA_BYTE, 29, (byte) TSC_STABLE);
    VarHandle.releaseFence();
    info.set(U32, 0, version);
    written(memory, gpa, SYSTEM_TIME_BYTES);
  }

  /// A write of MSR_KVM_WALL_CLOCK_NEW: the time of day at which the system time was 0.
  void wallClock(PhysicalMemory memory, long gpa) {
    wallClock = gpa;
    if (!isRam(memory, gpa, WALL_CLOCK_BYTES)) {
      return;
    }
    long start = clock.wallClockNanos() - clock.now();
    MemorySegment info = memory.ram().asSlice(gpa, WALL_CLOCK_BYTES);
    info.set(U32, 0, 1);
    info.set(U32, 4, (int) (start / NANOS_PER_SECOND));
    info.set(U32, 8, (int) (start % NANOS_PER_SECOND));
    VarHandle.releaseFence();
    info.set(U32, 0, 2);
    written(memory, gpa, WALL_CLOCK_BYTES);
  }

  private static boolean isRam(PhysicalMemory memory, long gpa, int size) {
    return memory.isRam(gpa) && memory.isRam(gpa + size - 1) && (gpa & 3) == 0;
  }

  private static void written(PhysicalMemory memory, long gpa, int size) {
    memory.written(gpa, size);
  }

  /// Becomes saved ones: what they point to is in RAM already.
  void restoreSystemTime(long saved) {
    systemTime = saved;
  }

  void restoreWallClock(long saved) {
    wallClock = saved;
  }
}
