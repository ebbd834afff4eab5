package dev.javisor.x86.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.fake.ManualTime;
import dev.javisor.vmm.memory.GuestRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// As Linux reads it (arch/x86/kernel/pvclock.c).
final class ParavirtualClockTest {
  private final MemorySegment ram = Arena.ofAuto().allocate(1 << 16, GuestRegion.PAGE_BYTES);
  private final ManualTime time = new ManualTime(Instant.parse("2026-11-28T12:00:00Z"));
  private final MachineMemory memory = new MachineMemory();
  private final VcpuClock clock = new VcpuClock(time);
  private final ParavirtualClock paravirtual = new ParavirtualClock(clock);

  private VcpuMemory view() {
    memory.mapRam(ram, List.of(new GuestRegion(0, ram, false)));
    ChipSet chips = new ChipSet(time, 1, _ -> {});
    return new VcpuMemory(memory, chips, chips.apic(0), new Doorbells(), new PendingAccess(false));
  }

  private long nanosNow(long gpa) {
    long delta = clock.now() - ram.get(ValueLayout.JAVA_LONG, gpa + 8);
    int shift = ram.get(ValueLayout.JAVA_BYTE, gpa + 28);
    long multiplier = ram.get(ValueLayout.JAVA_INT, gpa + 24) & 0xFFFF_FFFFL;
    long scaled = Math.unsignedMultiplyHigh(delta << shift << 32, multiplier);
    return ram.get(ValueLayout.JAVA_LONG, gpa + 16) + scaled;
  }

  @Test
  void theSystemTimeRunsWithTheMachines() {
    paravirtual.systemTime(view(), 0x1000 | 1);
    long began = nanosNow(0x1000);
    time.advance(1_234_567_890L);
    assertEquals(1_234_567_890L, nanosNow(0x1000) - began);
    assertEquals(0, ram.get(ValueLayout.JAVA_INT, 0x1000) & 1, "even: not being written");
    assertEquals(1, ram.get(ValueLayout.JAVA_BYTE, 0x1000 + 29), "the TSC is stable");
  }

  @Test
  void wallClockAndSystemTimeMakeTheTimeOfDay() {
    VcpuMemory view = view();
    time.advance(5_000_000_000L);
    paravirtual.wallClock(view, 0x2000);
    paravirtual.systemTime(view, 0x1000 | 1);
    long seconds = ram.get(ValueLayout.JAVA_INT, 0x2004) & 0xFFFF_FFFFL;
    long nanos = ram.get(ValueLayout.JAVA_INT, 0x2008);
    assertEquals(time.wallClockNanos(), seconds * 1_000_000_000L + nanos + nanosNow(0x1000));
  }

  @Test
  void anAddressOutsideRamWritesNothing() {
    VcpuMemory view = view();
    paravirtual.systemTime(view, 0x7FFF_FFFF_F000L | 1);
    paravirtual.wallClock(view, -4);
    paravirtual.systemTime(view, ram.byteSize() - 8 | 1);
    assertEquals(-1, ram.mismatch(Arena.ofAuto().allocate(ram.byteSize())));
  }
}
