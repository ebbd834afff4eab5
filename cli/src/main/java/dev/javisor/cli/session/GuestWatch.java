package dev.javisor.cli.session;

import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.machine.ExitLog;
import dev.javisor.vmm.machine.Machine;
import java.util.function.Consumer;

/// Looks at a running guest a few times a second: is it up in time, has its kernel panicked and
/// stood still, does it do anything at all. One thread.
final class GuestWatch {
  private static final long SECOND = 1_000_000_000L;

  /// A kernel that panicked and does not reboot is given up after so long without a byte.
  private static final long PANIC_SILENCE_NANOS = 5 * SECOND;

  private final Machine machine;
  private final KernelLog log;
  private final Consumer<String> complaints;
  private final long bootDeadline;
  private final int idleVcpuSeconds;
  private boolean up;
  private boolean reported;
  private long lastActivity = -1;
  private long lastActivityNanos;
  private long vcpuTimeAtSilence = -1;
  private long vcpuTimeAtPanic = -1;

  /// @param bootTimeoutSeconds 0 for none
  /// @param idleVcpuSeconds a guest that has run so long without a sign of life is reported, once
  GuestWatch(
      Machine machine,
      KernelLog log,
      int bootTimeoutSeconds,
      int idleVcpuSeconds,
      Consumer<String> complaints) {
    this.idleVcpuSeconds = idleVcpuSeconds;
    this.machine = machine;
    this.log = log;
    this.complaints = complaints;
    this.bootDeadline =
        bootTimeoutSeconds == 0 ? Long.MAX_VALUE : System.nanoTime() + bootTimeoutSeconds * SECOND;
  }

  /// The guest has come up: from here on it may be as idle as it likes.
  void up() {
    up = true;
  }

  void look() {
    if (!up) {
      lookForBoot();
    }
    if (log.panic() != null) {
      lookAtPanic();
    }
  }

  private void lookForBoot() {
    if (bootDeadline != Long.MAX_VALUE && System.nanoTime() - bootDeadline > 0) {
      machine.end(new Ending.Stuck(machine.report(1000)));
      return;
    }
    long activity = log.bytes();
    for (ExitLog exits : machine.exitLogs()) {
      activity += exits.total();
    }
    long now = System.nanoTime();
    if (activity != lastActivity) {
      lastActivity = activity;
      lastActivityNanos = now;
      vcpuTimeAtSilence = -1;
    } else if (!reported && now - lastActivityNanos > SECOND) {
      lookAtSilence();
    }
  }

  /// Processor time is asked for only in silence: reading it costs more than a guest that boots can
  /// spare.
  private void lookAtSilence() {
    long vcpuTime = VcpuTime.nanos();
    if (vcpuTimeAtSilence < 0) {
      vcpuTimeAtSilence = vcpuTime;
    }
    if (vcpuTime - vcpuTimeAtSilence > (idleVcpuSeconds - 1) * SECOND) {
      reported = true;
      complaints.accept(
          "the guest has run for "
              + idleVcpuSeconds
              + " s without a byte on its consoles or a request to a device; it runs on.\n"
              + machine.report(1000));
    }
  }

  /// A panicked kernel spins (or has rebooted, which is an ending of its own); a living guest in
  /// which somebody printed such a line waits for work.
  private void lookAtPanic() {
    if (vcpuTimeAtPanic < 0) {
      vcpuTimeAtPanic = VcpuTime.nanos();
    }
    boolean silent = log.nanosSinceLastByte() > PANIC_SILENCE_NANOS;
    if (silent && VcpuTime.nanos() - vcpuTimeAtPanic > PANIC_SILENCE_NANOS / 2) {
      machine.end(new Ending.Panic(String.valueOf(log.panic())));
    }
  }
}
