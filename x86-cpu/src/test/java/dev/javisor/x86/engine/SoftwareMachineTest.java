package dev.javisor.x86.engine;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.backend.TimeSource;
import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.memory.GuestRegion;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

final class SoftwareMachineTest {

  /// A clock that fails the timers' thread.
  private static final class BrokenTime implements TimeSource {
    @Override
    public long nanoTime() {
      if (Thread.currentThread().getName().equals("timers")) {
        throw new IllegalStateException("no clock");
      }
      return System.nanoTime();
    }

    @Override
    public long wallClockNanos() {
      return 0;
    }
  }

  @Test
  void timersThatFailEndTheGuestWithAReport() {
    BrokenTime time = new BrokenTime();
    try (Arena arena = Arena.ofShared();
        SoftwareMachine machine = new SoftwareMachine(EngineOptions.STANDARD.withTime(time), 1)) {
      machine.map(new GuestRegion(0, arena.allocate(1 << 16, 4096), false));
      try (Vcpu vcpu = machine.createVcpu(0)) {
        VmExit.Failed failed = assertInstanceOf(VmExit.Failed.class, vcpu.run());
        assertTrue(failed.reason().contains("no clock"), failed.toString());
      }
    }
  }
}
