package dev.javisor.cli;

import dev.javisor.cli.config.NetworkText;
import dev.javisor.cli.config.SpecJson;
import dev.javisor.cli.options.Arguments;
import dev.javisor.cli.options.Help;
import dev.javisor.cli.options.Option;
import dev.javisor.cli.options.Readings;
import dev.javisor.cli.options.UsageException;
import dev.javisor.cli.session.LogLevel;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.vmm.machine.MachineSpec;
import dev.javisor.vmm.machine.MachineSpec.Accel;
import dev.javisor.vmm.machine.MachineSpec.ConsoleKind;
import dev.javisor.vmm.machine.MachineSpec.Disk;
import dev.javisor.vmm.machine.MachineSpec.OnReboot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `javisor run` takes, and the machine that makes.
final class RunOptions {
  private static final Option NAME =
      Option.value("--name", "NAME", "the guest's host name and that of its log");
  private static final Option KERNEL = Option.value("--kernel", "FILE", "a bzImage or ELF kernel");
  private static final Option KERNEL_PACKAGE =
      Option.value(
          "--kernel-package",
          "NAME",
          "the built-in guest's kernel: a package of the distribution's");
  private static final Option INITRD = Option.value("--initrd", "FILE", "its initial RAM disk");
  private static final Option CMDLINE =
      Option.value("--cmdline", "TEXT", "the kernel's command line (built-in guest: added to it)");
  private static final Option CPUS = Option.value("--cpus", "N", "vCPUs, 1 to 255 (default: 1)");
  private static final Option MEMORY =
      Option.value("--memory", "SIZE", "memory, as 512M or 2G (default: 512M)").orLetter("-m");
  private static final Option DISK =
      Option.value(
              "--disk", "PATH[,ro]", "a raw image or block device, /dev/vda and on; repeatable")
          .often();
  private static final Option NETWORK =
      Option.value(
          "--network",
          "none|tap=NAME[,mac=A][,mtu=N]",
          "a network card on this TAP interface (default: none)");
  private static final Option ACCEL =
      Option.value("--accel", "auto|kvm|software", "(default: auto)");
  private static final Option CONSOLE =
      Option.value(
          "--console",
          "virtio|serial",
          "where the shell is (default: virtio; with --kernel: serial)");
  private static final Option ON_REBOOT =
      Option.value("--on-reboot", "exit|restart", "what a guest's reboot does (default: exit)");
  private static final Option BOOT_TIMEOUT =
      Option.value(
          "--boot-timeout", "SECONDS", "give up, with code 123, if the guest is not up by then");
  private static final Option LOG_FILE =
      Option.value(
          "--log-file",
          "FILE",
          "where the kernel's log goes (default: the state directory's NAME.log)");
  private static final Option TRACE =
      Option.value(
          "--trace",
          "exits|cpu[=from=N,count=N]",
          "exits: print at the end what the vCPUs exited for; cpu: write instructions, exceptions,"
              + " interrupts and MSRs to LOG.cpu (software engine; from: after so many instructions;"
              + " count: default 1000000)");
  private static final Option CONFIG =
      Option.value("--config", "FILE|-", "a machine as JSON; options add to it");
  static final Option DRY_RUN =
      Option.flag("--dry-run", "print the machine as JSON and boot nothing");
  private static final Option LOG_LEVEL =
      Option.value(
          "--log-level",
          "error|warn|info|debug",
          "how much to say about the run on stderr (default: warn)");
  private static final Option VERBOSE = Option.flag("-v", "the same as --log-level info");

  static final List<Option> ALL =
      List.of(
          NAME,
          KERNEL,
          KERNEL_PACKAGE,
          INITRD,
          CMDLINE,
          CPUS,
          MEMORY,
          DISK,
          NETWORK,
          ACCEL,
          CONSOLE,
          ON_REBOOT,
          BOOT_TIMEOUT,
          LOG_FILE,
          TRACE,
          CONFIG,
          LOG_LEVEL,
          DRY_RUN,
          VERBOSE,
          Javisor.HELP,
          Javisor.VERSION);

  private static final String DESCRIPTION =
      """

      Without --kernel it is the built-in guest: Debian's own cloud kernel and
      busybox.
      With CMD: its output, its errors and its exit code are this command's.
      Without CMD and without a terminal it runs the shell script on standard input.
      """;

  private static final String FOOTER =
      """

      Exit codes:
        0 powered off (or rebooted, with --on-reboot exit); CMD's own code
        121 kernel panic   122 triple fault   123 not up within --boot-timeout
        125 Javisor's own  126/127 CMD cannot be run / not found
        128+N killed by signal N

      Examples:
        javisor run
        javisor run --cpus 2 -m 1G --disk data.img --disk tools.img,ro
        javisor run -- sh -c 'cat /proc/cpuinfo | grep -c processor'
        javisor run --kernel bzImage --initrd initrd.img --cmdline 'console=ttyS0'
        javisor run --dry-run --cpus 4 > machine.json
        javisor run --config machine.json
      """;

  private static final TraceOption NO_TRACE = new TraceOption(false, -1, 0);

  private RunOptions() {}

  static Help help() {
    return new Help(
        "Boots a Linux guest to a shell, or runs one command in it.",
        "javisor run [OPTIONS] [-- CMD ARG...]",
        DESCRIPTION,
        ALL,
        FOOTER);
  }

  /// Where the guest's kernel log is to go, or null if the person does not mind.
  static @Nullable Path log(Arguments given) {
    return given.value(LOG_FILE, Path::of);
  }

  static boolean traces(Arguments given) {
    return logLevel(given).says(LogLevel.DEBUG) || trace(given).exits();
  }

  static TraceOption trace(Arguments given) {
    TraceOption named = given.value(TRACE, TraceOption::parse);
    return named == null ? NO_TRACE : named;
  }

  static LogLevel logLevel(Arguments given) {
    LogLevel named = given.value(LOG_LEVEL, text -> Readings.choice(LogLevel.values(), text));
    return named != null ? named : given.has(VERBOSE) ? LogLevel.INFO : LogLevel.WARN;
  }

  /// @throws UserError if there can be no such machine
  static MachineSpec machine(Arguments given) {
    try {
      return checked(merged(base(given), given));
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private static MachineSpec base(Arguments given) {
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
            given.has(KERNEL) ? ConsoleKind.SERIAL : ConsoleKind.VIRTIO,
            accel(),
            OnReboot.EXIT,
            0,
            List.of());
    String config = given.value(CONFIG);
    return config == null ? defaults : SpecJson.read(readConfig(config), defaults);
  }

  /// What `--accel` is where nobody says: `JAVISOR_ACCEL`, or auto.
  private static Accel accel() {
    String named = System.getenv("JAVISOR_ACCEL");
    return named == null || named.isEmpty() ? Accel.AUTO : Readings.choice(Accel.values(), named);
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

  private static MachineSpec merged(MachineSpec base, Arguments given) {
    List<String> disks = given.values(DISK);
    String network = given.value(NETWORK);
    return new MachineSpec(
        or(given.value(NAME), base.name()),
        or(given.value(KERNEL, Path::of), base.kernel()),
        or(given.value(KERNEL_PACKAGE), base.kernelPackage()),
        or(given.value(INITRD, Path::of), base.initrd()),
        or(given.value(CMDLINE), base.cmdline()),
        or(given.value(CPUS, Readings::wholeNumber), base.cpus()),
        or(given.value(MEMORY, MemorySize::parse), base.memoryBytes()),
        disks != null ? disks(disks) : base.disks(),
        network != null ? NetworkText.read(network) : base.network(),
        or(given.value(CONSOLE, t -> Readings.choice(ConsoleKind.values(), t)), base.console()),
        or(given.value(ACCEL, t -> Readings.choice(Accel.values(), t)), base.accel()),
        or(given.value(ON_REBOOT, t -> Readings.choice(OnReboot.values(), t)), base.onReboot()),
        or(given.value(BOOT_TIMEOUT, Readings::wholeNumber), base.bootTimeoutSeconds()),
        or(command(given), base.command()));
  }

  private static <T extends @Nullable Object> T or(@Nullable T given, T otherwise) {
    return given != null ? given : otherwise;
  }

  /// What stands behind `--`, if anything. Before it, a word is a mistake today and an image's name
  /// tomorrow.
  private static @Nullable List<String> command(Arguments given) {
    if (given.stray() != null) {
      throw new UsageException("unexpected '" + given.stray() + "': a command stands behind --");
    }
    List<String> words = given.behindDashes();
    return words == null || words.isEmpty() ? null : words;
  }

  private static List<Disk> disks(List<String> texts) {
    List<Disk> disks = new ArrayList<>();
    for (String text : texts) {
      disks.add(disk(text));
    }
    return disks;
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
}
