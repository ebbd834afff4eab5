package dev.javisor.vmm.machine;

import dev.javisor.vmm.hypervisor.VcpuState;
import dev.javisor.vmm.state.Quiescent;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A machine that runs, rests and ends. Any thread may call; what changes its state is one at a
/// time.
///
/// Resting (`pause`) is in this order: the vCPUs stop between two instructions, with a pending port
/// or MMIO access completed; devices drain what is in flight, which may still raise interrupts;
/// then everything can be saved.
public final class Machine implements AutoCloseable {
  /// How long a pause waits for requests in flight at a back end.
  public static final long PAUSE_NANOS_MAX = 5_000_000_000L;

  private static final long JOIN_MILLIS = 10_000;

  private final MachineParts parts;
  private final List<VcpuRunner> runners = new ArrayList<>();
  private final List<MachineThread> threads = new ArrayList<>();
  private final List<ExitLog> exitLogs;
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();
  private boolean paused;

  /// Makes the vCPUs, each on its thread, ready to run.
  ///
  /// @throws java.util.concurrent.CompletionException if the engine cannot make them
  public Machine(MachineParts parts) {
    this.parts = parts;
    for (int i = 0; i < parts.vcpuCount(); i++) {
      VcpuRunner runner = new VcpuRunner(this, i, parts.traceExits());
      runners.add(runner);
      threads.add(MachineThread.start("vcpu-" + i, runner::run, this::fail));
      // One after the other: the engine numbers APICs in the order it makes vCPUs.
      runner.awaitReady();
    }
    this.exitLogs = runners.stream().map(VcpuRunner::log).toList();
  }

  MachineParts parts() {
    return parts;
  }

  /// Lets the vCPUs run for the first time.
  public void start() {
    runners.forEach(runner -> runner.rest(false));
  }

  /// Ends the machine, in the way said first; later calls do nothing. Returns at once.
  public void end(Ending how) {
    if (ending.complete(how)) {
      runners.forEach(VcpuRunner::stop);
    }
  }

  /// Ends it because one of our threads died of `failure`.
  public void fail(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    end(new Ending.Failed(Thread.currentThread().getName() + ": " + trace));
  }

  public boolean isEnded() {
    return ending.isDone();
  }

  /// Completed once, with the way it ended; a read-only view.
  public CompletableFuture<Ending> ending() {
    return ending.copy();
  }

  /// Waits for the end, at most `millis`; null if it still runs then.
  public @Nullable Ending await(long millis) {
    try {
      return ending.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException e) {
      throw new AssertionError("an ending is only ever a value", e);
    }
  }

  /// Brings everything to rest. False, with the machine running on, if that did not work within
  /// five seconds or it has ended.
  public synchronized boolean pause() {
    if (paused) {
      return true;
    }
    long deadline = System.nanoTime() + PAUSE_NANOS_MAX;
    runners.forEach(runner -> runner.rest(true));
    boolean resting = true;
    for (VcpuRunner runner : runners) {
      resting &= runner.awaitRest(deadline);
    }
    for (Quiescent device : parts.devices()) {
      resting = resting && device.quiesce(deadline);
    }
    paused = true;
    if (!resting) {
      resume();
      return false;
    }
    return true;
  }

  /// Goes on after [#pause].
  public synchronized void resume() {
    if (paused) {
      paused = false;
      parts.devices().forEach(Quiescent::resume);
      runners.forEach(runner -> runner.rest(false));
    }
  }

  /// Writes the state of everything but RAM. While it rests: before [#start] or after [#pause].
  public synchronized void save(StateWriter out) {
    parts.devices().forEach(device -> device.save(out));
    parts.vm().save(out);
    for (VcpuRunner runner : runners) {
      runner.ask(vcpu -> vcpu.state()).join().save(out, runner.index());
    }
  }

  /// Becomes what [#save] wrote; before [#start], with the RAM already in place. Devices look at
  /// their queues when the machine is resumed.
  public synchronized void load(StateReader in) {
    parts.devices().forEach(device -> device.load(in));
    parts.vm().load(in);
    for (VcpuRunner runner : runners) {
      VcpuState state = VcpuState.load(in, runner.index());
      runner
          .ask(
              vcpu -> {
                vcpu.state(state);
                return state;
              })
          .join();
    }
    paused = true;
  }

  /// The registers of each vCPU now, and what it last exited for; from a running machine too.
  public String report(long timeoutMillis) {
    StringBuilder text = new StringBuilder();
    for (VcpuRunner runner : runners) {
      text.append("vCPU ")
          .append(runner.index())
          .append(": ")
          .append(registers(runner, timeoutMillis));
      text.append("\nlast exits: ").append(String.join(", ", runner.log().last())).append('\n');
    }
    return text.toString();
  }

  private static String registers(VcpuRunner runner, long timeoutMillis) {
    try {
      return runner.ask(VcpuReport::of).get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    } catch (TimeoutException | ExecutionException e) {
      return "no answer: " + e;
    }
  }

  /// One log per vCPU.
  public List<ExitLog> exitLogs() {
    return exitLogs;
  }

  /// Ends it if it still runs, and waits until no vCPU thread is left.
  @Override
  public void close() {
    end(new Ending.Killed("closed"));
    for (MachineThread thread : threads) {
      if (!thread.isCurrent() && !thread.join(JOIN_MILLIS)) {
        throw new IllegalStateException(thread.name() + " does not end");
      }
    }
  }
}
