package dev.javisor.cli;

import dev.javisor.cli.config.SpecJson;
import dev.javisor.cli.session.GuestRun;
import dev.javisor.cli.session.RunSettings;
import dev.javisor.cli.session.StartTimes;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.kvm.KvmHypervisor;
import dev.javisor.linux.terminal.Terminal;
import dev.javisor.vmm.machine.MachineSpec;
import dev.javisor.vmm.machine.MachineSpec.Accel;
import dev.javisor.vmm.machine.MachineSpec.ConsoleKind;
import dev.javisor.vmm.machine.MachineSpec.Disk;
import dev.javisor.vmm.machine.MachineSpec.OnReboot;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Boots a guest.
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Boots a Linux guest to a shell, or runs one command in it.",
    customSynopsis = "javisor run [OPTIONS] [-- CMD ARG...]",
    description = {
      "",
      "Without --kernel it is the built-in guest: Debian's own cloud kernel and busybox.",
      "With CMD: its output, its errors and its exit code are this command's.",
      "Without CMD and without a terminal it runs the shell script on standard input."
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0 powered off (or rebooted, with --on-reboot exit); CMD's own code",
      "  121 kernel panic   122 triple fault   123 not up within --boot-timeout",
      "  125 Javisor's own  126/127 CMD cannot be run / not found   128+N killed by signal N",
      "",
      "Examples:",
      "  javisor run",
      "  javisor run --cpus 2 -m 1G --disk data.img --disk tools.img,ro",
      "  javisor run -- sh -c 'cat /proc/cpuinfo | grep -c processor'",
      "  javisor run --kernel bzImage --initrd initrd.img --cmdline 'console=ttyS0'",
      "  javisor run --dry-run --cpus 4 > machine.json; javisor run --config machine.json"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "the guest's host name and that of its log")
  private @Nullable String name;

  @Option(names = "--kernel", paramLabel = "FILE", description = "a bzImage or ELF kernel")
  private @Nullable Path kernel;

  @Option(
      names = "--kernel-package",
      paramLabel = "NAME",
      description = "the built-in guest's kernel: a package of the distribution's")
  private @Nullable String kernelPackage;

  @Option(names = "--initrd", paramLabel = "FILE", description = "its initial RAM disk")
  private @Nullable Path initrd;

  @Option(
      names = "--cmdline",
      paramLabel = "TEXT",
      description = "the kernel's command line (built-in guest: added to it)")
  private @Nullable String cmdline;

  @Option(names = "--cpus", paramLabel = "N", description = "vCPUs, 1 to 255 (default: 1)")
  private @Nullable Integer cpus;

  @Option(
      names = {"-m", "--memory"},
      paramLabel = "SIZE",
      converter = MemorySize.class,
      description = "memory, as 512M or 2G (default: 512M)")
  private @Nullable Long memory;

  @Option(
      names = "--disk",
      paramLabel = "PATH[,ro]",
      description = "a raw image or block device, /dev/vda and on; repeatable")
  private @Nullable List<String> disks;

  @Option(
      names = "--network",
      paramLabel = "none|tap=NAME[,mac=A][,mtu=N]",
      description = "a network card on this TAP interface (default: none)")
  private @Nullable String network;

  @Option(names = "--accel", paramLabel = "auto|kvm", description = "(default: auto)")
  private @Nullable Accel accel;

  @Option(
      names = "--console",
      paramLabel = "virtio|serial",
      description = "where the shell is (default: virtio; with --kernel: serial)")
  private @Nullable ConsoleKind console;

  @Option(
      names = "--on-reboot",
      paramLabel = "exit|restart",
      description = "what a guest's reboot does (default: exit)")
  private @Nullable OnReboot onReboot;

  @Option(
      names = "--boot-timeout",
      paramLabel = "SECONDS",
      description = "give up, with code 123, if the guest is not up by then")
  private @Nullable Integer bootTimeout;

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      description = "where the kernel's log goes (default: the state directory's NAME.log)")
  private @Nullable Path logFile;

  @Option(
      names = "--trace",
      paramLabel = "exits",
      description = "print at the end what the vCPUs exited for")
  private @Nullable Trace trace;

  @Option(
      names = "--config",
      paramLabel = "FILE|-",
      description = "a machine as JSON; options add to it")
  private @Nullable String config;

  @Option(names = "--dry-run", description = "print the machine as JSON and boot nothing")
  private boolean dryRun;

  @Option(names = "-v", description = "say more on stderr")
  private boolean verbose;

  @Parameters(paramLabel = "CMD ARG", arity = "0..*", hidden = true)
  private @Nullable List<String> command;

  enum Trace {
    EXITS
  }

  @Override
  public Integer call() {
    StartTimes times = StartTimes.begin();
    MachineSpec machine = machine();
    if (dryRun) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(SpecJson.write(machine));
      out.flush();
      return ExitCode.OK;
    }
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
    return boot(machine, stdin, times);
  }

  private int boot(MachineSpec machine, InputStream stdin, StartTimes times) {
    EngineChoice.require(machine.accel(), verbose);
    GuestFit.check(machine.memoryBytes());
    Path log = logFile != null ? logFile : KernelLogs.fresh(machine.name());
    try (KvmHypervisor kvm = KvmHypervisor.open()) {
      return new GuestRun(
              machine,
              new RunSettings(log, trace == Trace.EXITS, verbose, times),
              kvm,
              GuestBoot.files(machine),
              stdin)
          .run();
    }
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

  private MachineSpec machine() {
    try {
      return checked(merged(base()));
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private MachineSpec base() {
    MachineSpec defaults =
        new MachineSpec(
            "javisor",
            null,
            MicroGuest.KERNEL_PACKAGE,
            null,
            "",
            1,
            512L << 20,
            List.of(),
            new MachineSpec.Network.None(),
            kernel == null ? ConsoleKind.VIRTIO : ConsoleKind.SERIAL,
            Accel.AUTO,
            OnReboot.EXIT,
            0,
            List.of());
    return config == null ? defaults : SpecJson.read(readConfig(config), defaults);
  }

  private static String readConfig(String file) {
    try {
      return file.equals("-")
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UserError(file + ": cannot be read: " + e.getMessage());
    }
  }

  private MachineSpec merged(MachineSpec base) {
    return new MachineSpec(
        or(name, base.name()),
        kernel != null ? kernel : base.kernel(),
        or(kernelPackage, base.kernelPackage()),
        initrd != null ? initrd : base.initrd(),
        or(cmdline, base.cmdline()),
        or(cpus, base.cpus()),
        or(memory, base.memoryBytes()),
        disks != null ? disks.stream().map(RunCommand::disk).toList() : base.disks(),
        network != null ? SpecJson.readNetwork(network) : base.network(),
        or(console, base.console()),
        or(accel, base.accel()),
        or(onReboot, base.onReboot()),
        or(bootTimeout, base.bootTimeoutSeconds()),
        command != null ? command() : base.command());
  }

  private static <T> T or(@Nullable T given, T otherwise) {
    return given != null ? given : otherwise;
  }

  /// What stands behind `--`. Before it, a word is a mistake today and an image's name tomorrow.
  private List<String> command() {
    List<String> words = spec.commandLine().getParseResult().originalArgs();
    int dashes = words.indexOf("--");
    List<String> given = command == null ? List.of() : command;
    if (dashes < 0 || words.size() - dashes - 1 != given.size()) {
      throw new ParameterException(
          spec.commandLine(), "unexpected '" + given.get(0) + "': a command stands behind --");
    }
    return given;
  }

  private static Disk disk(String text) {
    boolean readOnly = text.endsWith(",ro");
    String path = readOnly ? text.substring(0, text.length() - 3) : text;
    if (path.isEmpty()) {
      throw new IllegalArgumentException("--disk: no path in '" + text + "'");
    }
    return new Disk(Path.of(path), readOnly);
  }

  private static MachineSpec checked(MachineSpec machine) {
    if (!machine.isMicro() && !machine.command().isEmpty()) {
      throw new IllegalArgumentException(
          "a command needs the built-in guest, which knows how to run it: leave out --kernel");
    }
    if (machine.isMicro() && machine.initrd() != null) {
      throw new IllegalArgumentException(
          "--initrd without --kernel: name the kernel it belongs to");
    }
    return machine;
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
