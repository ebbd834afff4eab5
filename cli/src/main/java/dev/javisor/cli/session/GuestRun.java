package dev.javisor.cli.session;

import dev.javisor.cli.ExitCode;
import dev.javisor.cli.UserError;
import dev.javisor.cli.machine.BootFiles;
import dev.javisor.cli.machine.GuestMachine;
import dev.javisor.devices.virtio.VirtioDevice;
import dev.javisor.devices.virtio.console.ConsoleDevice;
import dev.javisor.devices.virtio.console.ConsolePort;
import dev.javisor.images.kernel.KernelSymbols;
import dev.javisor.images.micro.GuestProtocol;
import dev.javisor.images.micro.GuestRequest;
import dev.javisor.linux.backend.LinuxEntropy;
import dev.javisor.linux.terminal.Terminal;
import dev.javisor.vmm.backend.ByteConsole;
import dev.javisor.vmm.hypervisor.Capability;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.vmm.machine.Machine;
import dev.javisor.vmm.machine.MachineSpec;
import dev.javisor.vmm.machine.MachineSpec.ConsoleKind;
import dev.javisor.vmm.machine.MachineSpec.OnReboot;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One `javisor run`: boots the guest, once or as often as it reboots, and says with which code to
/// exit.
public final class GuestRun implements Signals.Handler, RunConsoles.Keys {
  private static final long REPORT_MILLIS = 1000;
  private static final long LOOK_MILLIS = 200;
  private static final long SECOND = 1_000_000_000L;

  /// How long a guest may take to power off after its button was pressed. After so much processor
  /// time without a sign of life a guest is reported: what a kernel can compute silently, ten times
  /// over.
  private static final int IDLE_SECONDS = 10;

  private static final int IDLE_SECONDS_SOFTWARE = 200;
  private static final long POWER_OFF_NANOS = 30 * SECOND;

  private final MachineSpec spec;
  private final RunSettings settings;
  private final Hypervisor hypervisor;
  private final BootFiles boot;
  private final InputStream stdin;
  private volatile @Nullable GuestMachine running;
  private volatile @Nullable GuestControl control;
  private volatile @Nullable ConsoleDevice console;
  private volatile @Nullable Terminal terminal;
  private volatile int endedBySignal;
  private volatile long powerOffDeadline = Long.MAX_VALUE;

  /// @param stdin standard input, from its first byte on
  public GuestRun(
      MachineSpec spec,
      RunSettings settings,
      Hypervisor hypervisor,
      BootFiles boot,
      InputStream stdin) {
    this.spec = spec;
    this.settings = settings;
    this.hypervisor = hypervisor;
    this.boot = boot;
    this.stdin = stdin;
  }

  /// Returns the exit code.
  ///
  /// @throws UserError if the machine cannot be made of what the person named
  public int run() {
    boolean interactive = Terminal.isTerminal(0) && Terminal.isTerminal(1) && !hasCommand();
    terminal = interactive ? Terminal.of(0) : null;
    try (RunConsoles consoles = new RunConsoles(stdin, terminal, settings.logFile(), this)) {
      if (interactive && settings.says(LogLevel.WARN)) {
        consoles.say("Ctrl-] q powers off, Ctrl-] k kills, Ctrl-] Ctrl-] sends one");
      }
      Signals.deliverTo(this);
      while (true) {
        Ending ending = once(consoles);
        if (!(ending instanceof Ending.Reboot) || !restarts()) {
          drain(consoles);
          return exitCode(ending, consoles);
        }
      }
    } catch (IOException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private Consumer<String> warnings(RunConsoles consoles) {
    return settings.says(LogLevel.WARN) ? consoles::say : _ -> {};
  }

  private void drain(RunConsoles consoles) {
    if (!consoles.drain()) {
      warnings(consoles).accept("some of the guest's output could not be written");
    }
  }

  private boolean hasCommand() {
    return !spec.command().isEmpty();
  }

  private boolean restarts() {
    return spec.onReboot() == OnReboot.RESTART && !hasCommand() && endedBySignal == 0;
  }

  private Ending once(RunConsoles consoles) throws IOException {
    KernelLog log = new KernelLog(serialConsole(consoles));
    GuestControl newControl = spec.isMicro() ? new GuestControl(() -> request().line()) : null;
    control = newControl;
    GuestDevices devices = new GuestDevices(spec, warnings(consoles));
    if (settings.says(LogLevel.INFO)) {
      settings.times().step("checks");
    }
    try (GuestMachine guest =
        GuestMachine.build(
            hypervisor,
            new GuestMachine.Size(spec.cpus(), spec.memoryBytes(), settings.traceExits()),
            boot,
            log,
            late -> {
              ConsoleDevice made =
                  GuestDevices.console(ports(consoles, newControl), this::portOpened, late);
              console = made;
              List<VirtioDevice> all = devices.make(made, late);
              return all;
            })) {
      running = guest;
      resized();
      Ending ending = watch(guest, log, consoles);
      if (newControl != null && !newControl.ready().isDone() && settings.says(LogLevel.INFO)) {
        consoles.say(settings.times().toString());
      }
      if (settings.traceExits()) {
        consoles.say(ExitReport.of(guest.machine().exitLogs()));
      }
      return ending instanceof Ending.Reboot && log.panic() != null
          ? new Ending.Panic(String.valueOf(log.panic()))
          : ending;
    } finally {
      running = null;
    }
  }

  /// Where the serial port leads: to the terminal if the person wants that, else to the log.
  private ByteConsole serialConsole(RunConsoles consoles) {
    return serialIsThePersons() ? consoles.terminalConsole() : consoles.logFile();
  }

  private boolean serialIsThePersons() {
    return spec.console() == ConsoleKind.SERIAL && !hasCommand();
  }

  private List<ConsolePort> ports(RunConsoles consoles, @Nullable GuestControl guestControl) {
    boolean here = spec.console() == ConsoleKind.VIRTIO && !hasCommand();
    List<ConsolePort> ports = new ArrayList<>();
    ports.add(
        new ConsolePort(
            "javisor.console", true, here ? consoles.terminalConsole() : NoConsole.INSTANCE));
    if (guestControl != null) {
      boolean piped = hasCommand();
      ports.add(new ConsolePort(GuestProtocol.CONTROL_PORT, false, guestControl));
      ports.add(
          new ConsolePort(
              GuestProtocol.STDIN_PORT, false, piped ? consoles.stdin() : NoConsole.INSTANCE));
      ports.add(
          new ConsolePort(
              GuestProtocol.STDOUT_PORT,
              false,
              piped ? new HangUp(consoles.stdout(), 1, guestControl) : NoConsole.INSTANCE));
      ports.add(
          new ConsolePort(
              GuestProtocol.STDERR_PORT,
              false,
              piped ? new HangUp(consoles.stderr(), 2, guestControl) : NoConsole.INSTANCE));
    }
    return ports;
  }

  private void portOpened(int port, boolean open) {
    // What the guest does with its ports is told by the control port already.
  }

  /// What the guest is asked to do, made when it is ready.
  private GuestRequest request() {
    Terminal here = terminal;
    return new GuestRequest(
        hasCommand() ? spec.command() : List.of("sh", "-l"),
        here == null ? Map.of() : Map.of("TERM", System.getenv().getOrDefault("TERM", "linux")),
        "/root",
        hasCommand() ? null : guestTerminal(here),
        spec.name(),
        System.currentTimeMillis() / 1000,
        seed(),
        false);
  }

  private GuestRequest.Terminal guestTerminal(@Nullable Terminal here) {
    String device = spec.console() == ConsoleKind.VIRTIO ? "hvc0" : "ttyS0";
    Terminal.Size size = here == null ? new Terminal.Size(0, 0) : here.size();
    return new GuestRequest.Terminal(device, size.rows(), size.columns());
  }

  private static byte[] seed() {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment seed = scratch.allocate(32);
      new LinuxEntropy().fill(seed);
      return seed.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private Ending watch(GuestMachine guest, KernelLog log, RunConsoles consoles) {
    Machine machine = guest.machine();
    boolean isFast = hypervisor.supports(Capability.HARDWARE);
    GuestWatch watch =
        new GuestWatch(
            machine,
            log,
            spec.bootTimeoutSeconds(),
            isFast ? IDLE_SECONDS : IDLE_SECONDS_SOFTWARE,
            warnings(consoles));
    BootProgress progress = new BootProgress(!isFast && settings.says(LogLevel.WARN));
    GuestControl guestControl = control;
    if (settings.says(LogLevel.INFO)) {
      time(guest.buildTimes(), guestControl, consoles);
    }
    machine.start();
    while (true) {
      Ending ending = machine.await(LOOK_MILLIS);
      if (ending != null) {
        progress.end();
        return ending;
      }
      if (guestControl == null ? log.bytes() > 0 : guestControl.ready().isDone()) {
        watch.up();
        progress.end();
      } else {
        progress.tick();
      }
      watch.look();
      if (System.nanoTime() > powerOffDeadline) {
        machine.end(new Ending.Killed("the guest did not power off within 30 s"));
      }
    }
  }

  /// Says how long the start took, once the guest is ready. (Of one that never is, its end does.)
  private void time(
      GuestMachine.BuildTimes build, @Nullable GuestControl guestControl, RunConsoles consoles) {
    StartTimes times = settings.times();
    times.step("vm", build.vm() / 1000);
    times.step("board", build.board() / 1000);
    times.step("kernel", build.kernel() / 1000);
    times.step("vcpus", build.vcpus() / 1000);
    times.sum("kvm_run");
    if (guestControl == null) {
      consoles.say(times.toString());
      return;
    }
    guestControl
        .ready()
        .thenRun(
            () -> {
              times.step("guest");
              times.sum("ready");
              consoles.say(times.toString());
            });
  }

  private int exitCode(Ending ending, RunConsoles consoles) {
    GuestControl guestControl = control;
    if (guestControl != null
        && guestControl.exited().isDone()
        && !(ending instanceof Ending.Failed)) {
      return guestControl.exited().join();
    }
    String why = explain(ending);
    if (!why.isEmpty()) {
      consoles.say(why);
    }
    if (endedBySignal != 0 && ending instanceof Ending.Killed) {
      return ExitCode.SIGNAL + endedBySignal;
    }
    if (hasCommand()) {
      if (why.isEmpty()) {
        consoles.say("the guest ended before the command did: " + ending);
      }
      return ExitCode.OURS;
    }
    return switch (ending) {
      case Ending.PowerOff _, Ending.Reboot _ -> ExitCode.OK;
      case Ending.Panic _ -> ExitCode.PANIC;
      case Ending.TripleFault _ -> ExitCode.TRIPLE_FAULT;
      case Ending.Stuck _ -> ExitCode.STUCK;
      case Ending.Killed _ -> ExitCode.SIGNAL + 9;
      case Ending.Failed _ -> ExitCode.OURS;
    };
  }

  private String explain(Ending ending) {
    return switch (ending) {
      case Ending.PowerOff _, Ending.Reboot _ -> "";
      case Ending.Panic(String message) ->
          "the guest's kernel panicked: " + message + whereItsLogIs();
      case Ending.TripleFault(String report) ->
          "the guest's processor shut down.\n" + named(report);
      case Ending.Stuck(String report) ->
          "the guest was not up within " + spec.bootTimeoutSeconds() + " s.\n" + named(report);
      case Ending.Killed(String reason) -> "killed: " + reason;
      case Ending.Failed(String report) -> "the machine failed.\n" + named(report);
    };
  }

  /// With the names of the kernel's addresses, if it has some.
  private String named(String report) {
    return KernelSymbols.of(boot.kernel()).annotate(report);
  }

  private String whereItsLogIs() {
    return serialIsThePersons() ? "" : "; its log: " + settings.logFile();
  }

  /// SIGINT and SIGTERM are the command's, if there is one; else the first presses the power button
  /// and the second ends it.
  @Override
  public void ended(int number) {
    GuestControl guestControl = control;
    if (hasCommand() && guestControl != null && guestControl.acknowledged().isDone()) {
      guestControl.send(GuestProtocol.signal(number));
      return;
    }
    GuestMachine guest = running;
    boolean again = endedBySignal != 0;
    endedBySignal = number;
    if (guest == null) {
      return;
    }
    if (settings.says(LogLevel.DEBUG)) {
      System.err.println(guest.machine().report(REPORT_MILLIS));
    }
    if (again || hasCommand()) {
      guest.machine().end(new Ending.Killed("signal " + number));
    } else {
      powerButton();
    }
  }

  @Override
  public void powerButton() {
    GuestMachine guest = running;
    if (guest != null) {
      powerOffDeadline = System.nanoTime() + POWER_OFF_NANOS;
      guest.board().powerButton().press();
    }
  }

  @Override
  public void kill() {
    GuestMachine guest = running;
    if (guest != null) {
      guest.machine().end(new Ending.Killed("Ctrl-] k"));
    }
  }

  @Override
  public void resized() {
    Terminal here = terminal;
    ConsoleDevice device = console;
    GuestControl guestControl = control;
    if (here == null || device == null) {
      return;
    }
    Terminal.Size size = here.size();
    device.resize(size.columns(), size.rows());
    if (guestControl != null && guestControl.acknowledged().isDone()) {
      guestControl.send(GuestProtocol.resize(size.rows(), size.columns()));
    }
  }
}
