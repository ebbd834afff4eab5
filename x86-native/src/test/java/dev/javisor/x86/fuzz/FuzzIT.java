package dev.javisor.x86.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.hypervisor.VmExit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Random guests. `-Djavisor.x86.runs` says how many, `-Djavisor.x86.seed` which: run number `n`
/// is that of seed `seed + n`, so a find is repeated by its own seed and one run.
class FuzzIT {
  private static final long SEED = Long.getLong("javisor.x86.seed", System.nanoTime());
  private static final long RUNS = Long.getLong("javisor.x86.runs", 100_000);

  /// Every fourth of a seed has two vCPUs.
  private static final int DOUBLES = 4;

  /// A machine is made anew so often.
  private static final int MACHINE_RUNS = 2_000;

  private static final int THREADS = 2;
  private static final int FINDS_MAX = 10;

  /// Three times what an instruction may take at worst on a machine that others use too.
  private static final long STUCK_NANOS = 15_000_000_000L;

  private final Watchdog watchdog = new Watchdog();
  private final Counts counts = new Counts();
  private final Map<String, String> finds = new LinkedHashMap<>();
  private final AtomicLong next = new AtomicLong();
  private final List<Watchdog.Watched> watched = new ArrayList<>();

  private final class Worker implements Runnable {
    private final FuzzMachine[] machines = new FuzzMachine[2];

    @Override
    public void run() {
      for (long n = next.getAndIncrement(); n < RUNS && isGoing(); n = next.getAndIncrement()) {
        long seed = SEED + n;
        int kind = seed % DOUBLES == 0 ? 1 : 0;
        if (machines[kind] == null || n % MACHINE_RUNS < THREADS) {
          renew(kind);
        }
        try {
          machines[kind].run(seed);
        } catch (ExecutionException e) {
          found(seed, e.getCause());
          renew(kind);
        } catch (Throwable e) {
          found(seed, e);
          renew(kind);
        }
      }
      close(0);
      close(1);
    }

    private void renew(int kind) {
      close(kind);
      machines[kind] = new FuzzMachine(kind + 1, watchdog, counts);
      synchronized (watched) {
        watched.addAll(machines[kind].watched());
      }
    }

    private void close(int kind) {
      FuzzMachine machine = machines[kind];
      if (machine != null) {
        synchronized (watched) {
          watched.removeAll(machine.watched());
        }
        machine.close();
      }
    }
  }

  private boolean isGoing() {
    synchronized (finds) {
      return finds.size() < FINDS_MAX;
    }
  }

  /// One find of each place.
  private void found(long seed, Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    StackTraceElement[] stack = thrown.getStackTrace();
    String place = thrown.getClass() + (stack.length == 0 ? "" : " " + stack[0]);
    synchronized (finds) {
      if (finds.putIfAbsent(place, "seed " + seed + ": " + trace) == null) {
        System.out.println("FIND seed " + seed + ": " + trace);
      }
    }
  }

  private void await(List<Thread> workers) throws InterruptedException {
    for (Thread worker : workers) {
      while (!worker.join(java.time.Duration.ofSeconds(1))) {
        synchronized (watched) {
          for (Watchdog.Watched one : watched) {
            assertEquals("", one.stuckFor(STUCK_NANOS), "does not end; seed about " + (SEED + next.get()));
          }
        }
      }
    }
  }

  @Test
  void noGuestDoesHarm() throws InterruptedException {
    System.out.printf("fuzz: seed %d%n", SEED);
    long start = System.nanoTime();
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      workers.add(Thread.ofPlatform().daemon(true).name("fuzz-" + i).start(new Worker()));
    }
    await(workers);
    System.out.printf(
        "COUNTS fuzz: seed %d: %s, %.1f s%n", SEED, counts, (System.nanoTime() - start) / 1e9);
    synchronized (finds) {
      assertEquals("", String.join("\n", finds.values()));
    }
    assertEquals(RUNS, counts.runs.sum());
    if (RUNS > 1000) {
      for (Class<? extends VmExit> kind :
          List.of(VmExit.PortIn.class, VmExit.PortOut.class, VmExit.MmioRead.class,
              VmExit.MmioWrite.class, VmExit.Shutdown.class, VmExit.Interrupted.class)) {
        assertTrue(counts.of(kind) > RUNS / 100, kind + ": " + counts);
      }
    }
  }
}
