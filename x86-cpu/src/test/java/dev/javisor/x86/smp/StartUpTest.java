package dev.javisor.x86.smp;

import static dev.javisor.testkit.asm.Register.RAX;
import static dev.javisor.testkit.asm.Register.RBX;
import static dev.javisor.testkit.asm.Register.RCX;
import static dev.javisor.testkit.asm.Register.RDI;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.RealMode;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/// INIT and SIPI to a processor that is busy (SDM 3A, 9.4): the first takes it out of whatever it
/// runs, the second has it begin in real mode.
class StartUpTest {
  private static final int TRAMPOLINE = 0x8000;
  private static final int ALIVE = 0x100;
  private static final long APIC = 0xFEE0_0000L;
  private static final int INIT = 0x4500;
  private static final int START_UP = 0x4600 | TRAMPOLINE >> 12;

  @Test
  void aRunningProcessorStartsAnew() throws ExecutionException, InterruptedException {
    LongMode first = Crew.code(0).mov(RBX, Crew.DATA).label("wait").pause();
    first.load(8, RCX, RBX, ALIVE).test(RCX, RCX).jz("wait").mov(RDI, APIC);
    for (int command : new int[] {INIT, START_UP}) {
      first.store(RDI, 0x310, 1 << 24).store(RDI, 0x300, command);
    }
    first.outEax(Crew.PORT);
    LongMode second = Crew.code(1).mov(RBX, Crew.DATA).mov(RAX, 0).label("busy");
    second.inc(RAX).store(8, RBX, ALIVE, RAX).jmp("busy");
    try (Crew crew = Crew.of(first, second)) {
      RealMode trampoline = new RealMode(0).movAxCs().movDx(Crew.PORT).outDxAx();
      crew.guest().put(TRAMPOLINE, trampoline.assemble());
      assertEquals(TRAMPOLINE >> 4, crew.run()[1]);
    }
  }
}
