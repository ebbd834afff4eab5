package dev.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.asm.LongMode;
import dev.javisor.testkit.asm.Register;
import dev.javisor.testkit.contract.PayloadGuest;
import dev.javisor.vmm.hypervisor.VmExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Kicks at every moment of a vCPU's round, thousands of times, each of which must be answered by
/// exactly one interruption. The properties `javisor.kicks`, `javisor.kickSeconds` and
/// `javisor.kickJfr` (true: with JFR's CPU-time sampler, which sends signals to the same thread)
/// make a longer run of it.
@Tag("kvm")
class KickStressTest {
  private static final int KICKS = Integer.getInteger("javisor.kicks", 20_000);
  private static final long SECONDS = Long.getLong("javisor.kickSeconds", 20);
  private static final boolean JFR = Boolean.getBoolean("javisor.kickJfr");
  private static final long LOST_AFTER_NANOS = 10_000_000_000L;

  private enum Moment {
    BEFORE_ENTRY,
    IN_GUEST,
    AFTER_EXIT
  }

  /// The vCPU's rounds, counted, times 4, plus the moment it is in.
  private volatile long clock;

  private volatile boolean holdWanted;
  private volatile boolean held;
  private volatile Moment holdAt = Moment.BEFORE_ENTRY;
  private volatile long answered;
  private volatile long answeredAtEnd;
  private volatile boolean done;

  private final int[] histogram = new int[Moment.values().length];
  private final Thread vcpuThread = Thread.currentThread();
  private volatile @Nullable Thread kicker;
  private int unsure;
  private int kicked;
  private int lost;

  @Test
  void noKickIsLost() throws IOException, InterruptedException {
    try (Recording recording = new Recording()) {
      if (JFR) {
        recording.enable("jdk.CPUTimeSample").with("throttle", "2000/s");
        recording.enable("jdk.ExecutionSample").with("period", "1 ms");
        recording.start();
      }
      long start = System.nanoTime();
      stress();
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "KickStressTest: %d kicks in %.1f s, lost %d: before entry %d, in guest %d, after exit %d,"
              + " at a change between them %d%s%n",
          kicked,
          seconds,
          lost,
          histogram[0],
          histogram[1],
          histogram[2],
          unsure,
          samples(recording));
      assertEquals(0, lost);
      assertEquals(kicked, answeredAtEnd, "one interruption for each kick");
      assertTrue(Arrays.stream(histogram).allMatch(count -> count > 0), "a moment never hit");
      assertTrue(kicked >= KICKS || seconds >= SECONDS);
    }
  }

  private static String samples(Recording recording) throws IOException {
    if (!JFR) {
      return "";
    }
    recording.stop();
    Path file = Files.createTempFile("kicks", ".jfr");
    try {
      recording.dump(file);
      long samples =
          RecordingFile.readAllEvents(file).stream()
              .filter(event -> event.getEventType().getName().equals("jdk.CPUTimeSample"))
              .count();
      assertTrue(samples > 0, "JFR took no CPU-time sample");
      return ", JFR CPU-time samples " + samples;
    } finally {
      Files.delete(file);
    }
  }

  private void stress() throws InterruptedException {
    // some hundred rounds, an OUT, for ever
    LongMode code =
        new LongMode(PayloadGuest.LONG_CODE)
            .label("again")
            .mov(Register.RCX, 500)
            .label("count")
            .dec(Register.RCX)
            .jnz("count")
            .outAl(0x10)
            .jmp("again");
    try (KvmHypervisor kvm = KvmHypervisor.open();
        PayloadGuest guest = PayloadGuest.of(kvm, code)) {
      Thread thread = Thread.ofPlatform().daemon(true).unstarted(() -> kickAll(guest));
      kicker = thread;
      thread.start();
      runUntilDone(guest);
      thread.join();
    }
  }

  /// The vCPU's side.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void runUntilDone(PayloadGuest guest) {
    long round = 0;
    while (!done) {
      reach(round, Moment.BEFORE_ENTRY);
      clock = round * 4 + Moment.IN_GUEST.ordinal();
      VmExit exit = guest.vcpu().run();
      if (exit instanceof VmExit.Interrupted) {
        answered++;
        LockSupport.unpark(kicker);
      } else {
        assertInstanceOf(VmExit.PortOut.class, exit);
        reach(round, Moment.AFTER_EXIT);
      }
      round++;
    }
  }

  /// The hook: holds the vCPU between two runs until it has been kicked there.
  private void reach(long round, Moment moment) {
    clock = round * 4 + moment.ordinal();
    if (holdWanted && holdAt == moment) {
      held = true;
      LockSupport.unpark(kicker);
      while (held && !done) {
        LockSupport.parkNanos(LOST_AFTER_NANOS);
      }
    }
  }

  /// The other side.
  private void kickAll(PayloadGuest guest) {
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    for (int i = 0; i < KICKS && System.nanoTime() < end; i++) {
      Moment moment = Moment.values()[i % Moment.values().length];
      long before = answered;
      if (moment == Moment.IN_GUEST) {
        kickInGuest(guest);
      } else {
        kickHeld(guest, moment);
      }
      kicked++;
      awaitAnswer(guest, before);
    }
    answeredAtEnd = answered;
    done = true;
    LockSupport.unpark(vcpuThread);
    guest.vcpu().requestExit();
  }

  private void kickHeld(PayloadGuest guest, Moment moment) {
    holdAt = moment;
    holdWanted = true;
    while (!held) {
      LockSupport.parkNanos(LOST_AFTER_NANOS);
    }
    holdWanted = false;
    guest.vcpu().requestExit();
    histogram[moment.ordinal()]++;
    held = false;
    LockSupport.unpark(vcpuThread);
  }

  private void kickInGuest(PayloadGuest guest) {
    LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(1, 100_000));
    long seen = clock;
    guest.vcpu().requestExit();
    if (seen == clock && seen % 4 == Moment.IN_GUEST.ordinal()) {
      histogram[Moment.IN_GUEST.ordinal()]++;
    } else {
      unsure++;
    }
  }

  private void awaitAnswer(PayloadGuest guest, long before) {
    long deadline = System.nanoTime() + LOST_AFTER_NANOS;
    while (answered == before) {
      if (System.nanoTime() > deadline) {
        lost++;
        guest.vcpu().requestExit(); // to get on
        deadline += LOST_AFTER_NANOS;
      }
      LockSupport.parkNanos(LOST_AFTER_NANOS / 10);
    }
  }
}
