package dev.javisor.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.vmm.hypervisor.Vcpu;
import dev.javisor.vmm.hypervisor.VmExit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// A request to exit is honoured whenever it comes, and once.
public abstract class KickContract extends EngineContract {

  private PayloadGuest spinning() {
    return guest(longMode().label("here").jmp("here"));
  }

  private PayloadGuest talking() {
    return guest(longMode().movAl(0).label("again").outAl(0x10).incAl().jmp("again"));
  }

  @Test
  void aRequestBeforeEntryEndsTheNextRun() {
    PayloadGuest guest = spinning();
    guest.vcpu().requestExit();
    guest.run(VmExit.Interrupted.class);
  }

  @Test
  void aRequestStopsARunningGuest() {
    PayloadGuest guest = spinning();
    for (int i = 0; i < 10; i++) {
      guest.runQuietly(5);
    }
  }

  @Test
  void aRequestWakesAHaltedGuest() {
    guest(longMode().hlt()).runQuietly(20);
  }

  @Test
  void aRequestWhileAnExitIsHandledEndsTheNextRunAndLosesNothing() {
    PayloadGuest guest = talking();
    assertEquals(0, guest.runToOut(0x10));
    guest.vcpu().requestExit();
    guest.run(VmExit.Interrupted.class);
    assertEquals(1, guest.runToOut(0x10));
  }

  @Test
  void aRequestDoesNotTakeAnAnswerAway() {
    PayloadGuest guest = guest(longMode().inAl(0x33).outAl(0x10));
    VmExit.PortIn in = guest.run(VmExit.PortIn.class);
    in.data().put(0, (byte) 0x5A);
    guest.vcpu().requestExit();
    guest.run(VmExit.Interrupted.class);
    assertEquals(0x5A, guest.runToOut(0x10));
  }

  @Test
  void manyRequestsAreOne() {
    PayloadGuest guest = talking();
    for (int i = 0; i < 100; i++) {
      guest.vcpu().requestExit();
    }
    guest.run(VmExit.Interrupted.class);
    for (int i = 0; i < 100; i++) {
      assertEquals(i, guest.runToOut(0x10));
    }
  }

  @Test
  void requestsFromManyThreadsAtOnceAreNeverLost() {
    PayloadGuest guest = spinning();
    Vcpu vcpu = guest.vcpu();
    AtomicInteger seen = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    Runnable kicker =
        () -> {
          for (int round = 0; round < 50; round++) {
            int before = seen.get();
            vcpu.requestExit();
            while (seen.get() == before) {
              Thread.yield();
            }
          }
          done.incrementAndGet();
          vcpu.requestExit(); // so that the loop below looks again
        };
    for (int i = 0; i < 4; i++) {
      Thread unused = Thread.ofPlatform().daemon(true).start(kicker);
    }
    while (done.get() < 4) {
      guest.run(VmExit.Interrupted.class);
      seen.incrementAndGet();
    }
  }

  @Test
  void aRequestAfterCloseIsHarmless() {
    PayloadGuest guest = PayloadGuest.of(hypervisor(), longMode().hlt());
    Vcpu vcpu = guest.vcpu();
    guest.close();
    vcpu.requestExit();
  }

  @Test
  void aRequestToAClosedVcpuDoesNotReachTheNextOneOfItsThread() {
    PayloadGuest first = PayloadGuest.of(hypervisor(), longMode().hlt());
    first.vcpu().requestExit();
    first.close();
    assertEquals(0, talking().runToOut(0x10));
  }
}
