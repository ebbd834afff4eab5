package dev.javisor.testkit.contract;

import static dev.javisor.testkit.asm.Register.RBX;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.vmm.hypervisor.VmExit;
import org.junit.jupiter.api.Test;

/// What a guest does wrong: exceptions are its own business until there is no handler left
/// (SDM 3A, 6.15, "Interrupt 8").
public abstract class FaultContract extends EngineContract {

  @Test
  void anExceptionGoesToTheGuestsHandler() {
    LongMode code = longMode().ud2().label("handler").movAl(6).outAl(0x10);
    PayloadGuest guest = guest(code).gate(6, code.addressOf("handler"));
    assertEquals(6, guest.runToOut(0x10));
  }

  @Test
  void aTripleFaultIsAShutdown() {
    PayloadGuest guest =
        guest(longMode().mov(RBX, PayloadGuest.DATA).lidt(RBX).ud2()); // a table of limit 0
    guest.run(VmExit.Shutdown.class);
  }

  @Test
  void aTripleFaultAtTheFirstInstructionIsAShutdown() {
    guest(longMode().ud2()).run(VmExit.Shutdown.class); // no gate is present
  }
}
