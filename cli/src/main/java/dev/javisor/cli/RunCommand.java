package dev.javisor.cli;

import dev.javisor.cli.config.SpecJson;
import dev.javisor.cli.options.Arguments;
import dev.javisor.cli.options.Help;
import dev.javisor.cli.options.Option;
import dev.javisor.cli.session.GuestRun;
import dev.javisor.cli.session.LogLevel;
import dev.javisor.cli.session.RunSettings;
import dev.javisor.cli.session.StartTimes;
import dev.javisor.linux.terminal.Terminal;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.machine.MachineSpec;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PushbackInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Boots a guest.
final class RunCommand implements Command {
  @Override
  public String name() {
    return "run";
  }

  @Override
  public List<Option> options() {
    return RunOptions.ALL;
  }

  @Override
  public Help help() {
    return RunOptions.help();
  }

  @Override
  public int call(Arguments given, PrintStream out) {
    StartTimes times = StartTimes.begin();
    MachineSpec machine = RunOptions.machine(given);
    if (given.has(RunOptions.DRY_RUN)) {
      out.println(SpecJson.write(machine));
      return ExitCode.OK;
    }
    LogLevel level = RunOptions.logLevel(given);
    TraceOption trace = RunOptions.trace(given);
    Path named = RunOptions.log(given);
    Path log = named != null ? named : KernelLogs.fresh(machine.name());
    try (TraceFile traced = new TraceFile(log);
        Hypervisor engine = EngineChoice.open(machine.accel(), trace.into(traced), level)) {
      if (trace.cpu()) {
        System.err.println("javisor: tracing to " + traced.path());
      }
      return call(given, machine, engine, log, times);
    }
  }

  private static int call(
      Arguments given, MachineSpec spec, Hypervisor engine, Path log, StartTimes times) {
    MachineSpec machine = spec;
    InputStream stdin = new FileInputStream(FileDescriptor.in);
    if (machine.isMicro() && machine.command().isEmpty() && !Terminal.isTerminal(0)) {
      stdin = scriptFrom(stdin);
      if (stdin == null) {
        System.err.println(
            "javisor: standard input is empty: nothing to run, so nothing was booted");
        return ExitCode.OK;
      }
      machine = withCommand(machine, List.of("sh"));
    }
    return boot(given, machine, engine, stdin, log, times);
  }

  private static int boot(
      Arguments given,
      MachineSpec machine,
      Hypervisor engine,
      InputStream stdin,
      Path log,
      StartTimes times) {
    GuestFit.check(machine.memoryBytes());
    RunSettings settings =
        new RunSettings(log, RunOptions.traces(given), RunOptions.logLevel(given), times);
    return new GuestRun(machine, settings, engine, GuestBoot.files(machine), stdin).run();
  }

  /// Standard input with its first byte waited for; null if it ends before.
  private static @Nullable InputStream scriptFrom(InputStream stdin) {
    try {
      PushbackInputStream peeked = new PushbackInputStream(stdin, 1);
      int first = peeked.read();
      if (first < 0) {
        return null;
      }
      peeked.unread(first);
      return peeked;
    } catch (IOException e) {
      throw new UserError("standard input: " + e.getMessage());
    }
  }

  private static MachineSpec withCommand(MachineSpec m, List<String> newCommand) {
    List<String> words = new ArrayList<>(newCommand);
    return new MachineSpec(
        m.name(),
        m.kernel(),
        m.kernelPackage(),
        m.initrd(),
        m.cmdline(),
        m.cpus(),
        m.memoryBytes(),
        m.disks(),
        m.network(),
        m.console(),
        m.accel(),
        m.onReboot(),
        m.bootTimeoutSeconds(),
        words);
  }
}
