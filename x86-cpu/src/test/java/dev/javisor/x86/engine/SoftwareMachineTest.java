package dev.javisor.x86.engine;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VmExit;
import dev.javisor.vmm.machine.TimeSource;
import dev.javisor.vmm.memory.GuestRegion;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class SoftwareMachineTest {

  /// A clock that fails once it is told to.
  private static final class BrokenTime implements TimeSource {
    private final AtomicBoolean isBroken = new AtomicBoolean();

    @Override
    public long nanoTime() {
      if (isBroken.get() && Thread.currentThread().getName().equals("timers")) {
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
        SoftwareMachine machine = new SoftwareMachine(time, CpuModel.standard(), 1, _ -> {})) {
      machine.map(new GuestRegion(0, arena.allocate(1 << 16, 4096), false));
      try (Vcpu vcpu = machine.createVcpu(0)) {
        time.isBroken.set(true);
        machine.wakeTimers();
        VmExit.Failed failed = assertInstanceOf(VmExit.Failed.class, vcpu.run());
        assertTrue(failed.reason().contains("no clock"), failed.toString());
      }
    }
  }
}
