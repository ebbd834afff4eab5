package dev.javisor.cli;

import dev.javisor.cli.machine.BootFiles;
import dev.javisor.cli.options.Arguments;
import dev.javisor.cli.session.GuestRun;
import dev.javisor.cli.session.LogLevel;
import dev.javisor.cli.session.RunSettings;
import dev.javisor.cli.session.StartTimes;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.images.packages.Progress;
import dev.javisor.linux.call.NativeStruct;
import dev.javisor.vmm.machine.MachineSpec;
import dev.javisor.x86.engine.CpuTrace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/// What the launcher runs once, in the background, to make the AOT cache: goes the way of
/// `javisor run` as far as that leads without a KVM, with [TrainingEngine] in its place; so the
/// cache is the same on every host. The JVM loads everything in the cache at each start, wanted or
/// not: so this keeps away from what a start does not need (JSON, packages, `doctor`).
public final class AotTraining {
  /// Of ours, what a run in the ordinary way never meets.
  private static final List<String> NOT_ON_THE_WAY =
      List.of(
          "dev.javisor.cli.AotTraining",
          "dev.javisor.cli.Training",
          "dev.javisor.cli.DoctorCommand",
          "dev.javisor.cli.doctor.HostFindings",
          "dev.javisor.cli.config.SpecJson",
          "dev.javisor.images.initrd.",
          "dev.javisor.images.micro.Busybox",
          "dev.javisor.images.micro.KernelPackage",
          "dev.javisor.images.packages.DebPackage",
          "dev.javisor.images.packages.Apt$Offer",
          "dev.javisor.x86.");

  private AotTraining() {}

  public static void main(String[] args) throws IOException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    Javisor.execute(List.of("--version"), nowhere, nowhere);
    Path directory = Files.createTempDirectory("javisor-training");
    try {
      lookForGuest(directory.resolve("guest"));
      touchWhatItMisses(directory);
      int unused = run(directory);
    } finally {
      delete(directory);
    }
    for (String jar : System.getProperty("java.class.path", "").split(":", -1)) {
      loadOurs(jar);
    }
  }

  /// As far as the guest is found when it is there; then no further, for it is not.
  private static void lookForGuest(Path cache) throws IOException {
    Path packages = Files.createDirectories(cache.resolve("packages"));
    Files.createFile(packages.resolve("busybox-static_1_amd64.deb"));
    Files.createFile(packages.resolve("training_1_amd64.deb"));
    Files.writeString(packages.resolve(MicroGuest.KERNEL_PACKAGE + ".stands-for"), "training");
    try {
      MicroGuest.prepare(
          MicroGuest.KERNEL_PACKAGE,
          cache,
          (_, _) -> {
            throw new UserError("this is how a guest would be built");
          });
    } catch (UserError e) {
      // as planned
    }
  }

  /// What a run with a KVM and a guest that is found meets besides. The JDK's own classes that are
  /// not in the cache cost most: each is looked for in the image of all modules.
  private static void touchWhatItMisses(Path anyFile) throws IOException {
    Progress.NONE.step("", 0);
    Instant unused = Files.getLastModifiedTime(anyFile).toInstant();
    NativeStruct alsoUnused = NativeStruct.ofLong(1, Arena.global());
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /// As [RunCommand] does it; the exit code.
  static int run(Path directory) throws IOException {
    StartTimes times = StartTimes.begin();
    List<String> words = List.of("-m", "64M", "--cpus=1", "--", "true");
    Arguments given = Arguments.parse(RunOptions.ALL, words);
    MachineSpec machine = RunOptions.machine(given);
    RunOptions.log(given);
    RunOptions.traces(given);
    try (TraceFile traced = new TraceFile(directory.resolve("log"))) {
      CpuTrace nothing = RunOptions.trace(given).into(traced);
      assert nothing == CpuTrace.NONE;
    }
    KernelLogs.fresh(machine.name());
    try {
      GuestFit.check(machine.memoryBytes());
      boolean unused = EngineChoice.verdict().usable();
    } catch (UserError e) {
      // no matter: nothing of this host's is used
    }
    Path kernel = Files.write(directory.resolve("kernel"), smallestKernel());
    AtomicReference<GuestRun> run = new AtomicReference<>();
    run.set(
        new GuestRun(
            machine,
            new RunSettings(directory.resolve("log"), false, LogLevel.INFO, times),
            new TrainingEngine(() -> run.get().kill()),
            new BootFiles(kernel, kernel, ""),
            new ByteArrayInputStream(new byte[0])));
    return run.get().run();
  }

  /// An ELF with one empty page to load (System V gABI 4.3).
  private static byte[] smallestKernel() {
    int page = 4096;
    ByteBuffer elf = ByteBuffer.allocate(2 * page).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464C_457F).putInt(4, 0x01_0102).putShort(16, (short) 2);
    elf.putShort(18, (short) 62).putLong(24, 1 << 20).putLong(32, 64);
    elf.putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 1);
    elf.putInt(64, 1).putLong(72, page).putLong(88, 1 << 20).putLong(96, page).putLong(104, page);
    return elf.array();
  }

  private static void loadOurs(String jar) throws IOException {
    try (JarFile file = new JarFile(jar)) {
      for (Enumeration<JarEntry> all = file.entries(); all.hasMoreElements(); ) {
        String entry = all.nextElement().getName();
        if (entry.startsWith("dev/javisor/") && entry.endsWith(".class")) {
          load(entry.substring(0, entry.length() - ".class".length()).replace('/', '.'));
        }
      }
    }
  }

  private static void load(String name) {
    if (NOT_ON_THE_WAY.stream().anyMatch(name::startsWith)) {
      return;
    }
    boolean makesLayouts = name.startsWith("dev.javisor.kvm.abi."); // which needs no KVM
    try {
      Class.forName(name, makesLayouts, AotTraining.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      // package-info and the like: nothing to cache
    }
  }
}
