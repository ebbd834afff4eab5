package dev.javisor.x86.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.vmm.hypervisor.VmExit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Random guests. `-Djavisor.x86.runs` says how many, `-Djavisor.x86.seed` which: run number `n`
/// is that of seed `seed + n`, so a find is repeated by its own seed and one run.
class FuzzIT {
  private static final long SEED = Long.getLong("javisor.x86.seed", System.nanoTime());
  private static final long RUNS = Long.getLong("javisor.x86.runs", 100_000);

  /// Which machine a seed gets.
  private static final FuzzMachine.Kind[] KINDS = {
    FuzzMachine.Kind.TWO,
    FuzzMachine.Kind.ONE_IN_VIRTUAL_TIME,
    FuzzMachine.Kind.ONE,
    FuzzMachine.Kind.ONE_IN_VIRTUAL_TIME
  };

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
    private final Map<FuzzMachine.Kind, FuzzMachine> machines =
        new EnumMap<>(FuzzMachine.Kind.class);

    @Override
    public void run() {
      for (long n = next.getAndIncrement(); n < RUNS && isGoing(); n = next.getAndIncrement()) {
        run(SEED + n, KINDS[(int) Math.floorMod(SEED + n, (long) KINDS.length)]);
        if (n % MACHINE_RUNS < THREADS) {
          List.copyOf(machines.keySet()).forEach(this::close);
        }
      }
      List.copyOf(machines.keySet()).forEach(this::close);
    }

    private void run(long seed, FuzzMachine.Kind kind) {
      try {
        machines.computeIfAbsent(kind, this::make).run(seed);
      } catch (ExecutionException e) {
        found(seed, Objects.requireNonNull(e.getCause()));
        close(kind);
      } catch (Throwable e) {
        found(seed, e);
        close(kind);
      }
    }

    private FuzzMachine make(FuzzMachine.Kind kind) {
      FuzzMachine machine = new FuzzMachine(kind, watchdog, counts);
      synchronized (watched) {
        watched.addAll(machine.watched());
      }
      return machine;
    }

    private void close(FuzzMachine.Kind kind) {
      FuzzMachine machine = machines.remove(kind);
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
      while (!worker.join(Duration.ofSeconds(1))) {
        synchronized (watched) {
          for (Watchdog.Watched one : watched) {
            String where = one.stuckFor(STUCK_NANOS);
            assertEquals("", where, "does not end: seed about " + (SEED + next.get()));
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
          List.of(
              VmExit.PortIn.class,
              VmExit.PortOut.class,
              VmExit.MmioRead.class,
              VmExit.MmioWrite.class,
              VmExit.Shutdown.class,
              VmExit.Interrupted.class)) {
        assertTrue(counts.of(kind) > RUNS / 100, kind + ": " + counts);
      }
    }
  }
}
