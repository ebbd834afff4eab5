package dev.javisor.vmm.irq;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SoftDoorbellTest {
  private final SoftDoorbell bell = new SoftDoorbell();

  @Test
  void aRingBeforeTheWaitIsNotLostAndManyAreOne() {
    bell.ring();
    bell.ring();
    assertTrue(bell.await(0));
    assertFalse(bell.await(0));
  }

  @Test
  void aRingEndsAWait() {
    CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> bell.await(-1));
    bell.ring();
    assertTrue(waiting.join());
  }
}
