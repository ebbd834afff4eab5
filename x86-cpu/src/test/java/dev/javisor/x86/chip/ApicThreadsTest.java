package dev.javisor.x86.chip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Interrupts from several threads while the vCPU's takes them.
class ApicThreadsTest {
  private static final int SENDERS = 4;
  private static final int VECTORS = 48;
  private static final int ROUNDS = 500;

  /// Each sender sets each of its vectors, and sets it again once it was served: a lost one would
  /// leave its sender waiting.
  @Test
  void noRequestIsLost() throws InterruptedException {
    Semaphore awake = new Semaphore(0);
    Chips chips = new Chips(0);
    LocalApic apic = new LocalApic(0, 40, chips.bus, chips.timers, new FixedTsc(), awake::release);
    Chips.write(apic, ApicRegisters.SVR, Chips.ENABLED);
    Semaphore[] served = new Semaphore[256];
    List<Thread> senders = new ArrayList<>();
    for (int sender = 0; sender < SENDERS; sender++) {
      int first = 0x20 + sender; // all senders share all words
      for (int i = 0; i < VECTORS; i++) {
        served[first + i * SENDERS] = new Semaphore(1);
      }
      senders.add(Thread.ofPlatform().start(() -> send(chips.bus, first, served)));
    }
    int total = SENDERS * VECTORS * ROUNDS;
    int taken = 0;
    while (taken < total && sleepUntil(awake, apic)) {
      for (int vector = apic.acknowledge(); vector >= 0; vector = apic.acknowledge()) {
        apic.endOfInterrupt();
        taken++;
        served[vector].release();
      }
    }
    assertEquals(total, taken);
    for (Thread sender : senders) {
      sender.join();
    }
  }

  private static void send(ApicBus bus, int first, Semaphore[] served) {
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < VECTORS; i++) {
        served[first + i * SENDERS].acquireUninterruptibly();
        bus.msi(0xFEE0_0000L, first + i * SENDERS);
      }
    }
  }

  /// As a vCPU halts: it looks, then sleeps; a wake-up in between is kept.
  private static boolean sleepUntil(Semaphore awake, LocalApic apic) throws InterruptedException {
    while (!apic.attention()) {
      if (!awake.tryAcquire(10, TimeUnit.SECONDS)) {
        return false;
      }
    }
    return true;
  }

  private static final class FixedTsc implements TscClock {
    @Override
    public long tscOfNanos(long nanos) {
      return nanos;
    }

    @Override
    public long nanosOfTsc(long tsc) {
      return tsc;
    }
  }
}
