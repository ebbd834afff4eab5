package dev.javisor.lab.inside;

import dev.javisor.cli.machine.BootFiles;
import dev.javisor.cli.machine.GuestMachine;
import dev.javisor.devices.virtio.block.BlockDevice;
import dev.javisor.devices.virtio.rng.RngDevice;
import dev.javisor.images.disk.RawImage;
import dev.javisor.images.micro.MicroGuest;
import dev.javisor.images.packages.Progress;
import dev.javisor.kvm.KvmHypervisor;
import dev.javisor.linux.backend.LinuxEntropy;
import dev.javisor.linux.backend.LinuxFile;
import dev.javisor.vmm.hypervisor.Hypervisor;
import dev.javisor.vmm.machine.Ending;
import dev.javisor.x86.engine.SoftwareHypervisor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Boots a guest several times in one process, pauses one for ten seconds, and prints after each
/// what the process holds: `held fds=12 threads=9 memory=84`. Memory is MiB of the heap in use and
/// of all else that is resident; the whole heap has to be, by the JVM's flags.
public final class BootsInOneJvm {
  private static final long MINUTES = 300; // generous: the lab's processor is emulated

  private BootsInOneJvm() {}

  /// @param args `kvm` or `software`; how many boots; where the guest cache is
  public static void main(String[] args) throws IOException, TimeoutException {
    MicroGuest guest =
        MicroGuest.prepare(MicroGuest.KERNEL_PACKAGE, Path.of(args[2]), Progress.NONE);
    Path disk = Files.createTempFile("boots", ".img");
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(8 << 20);
    }
    try (Hypervisor engine =
        args[0].equals("kvm") ? KvmHypervisor.open() : new SoftwareHypervisor()) {
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        boot(engine, guest, disk, i == 0);
        System.gc();
        held();
      }
    }
    System.exit(0);
  }

  private static void boot(Hypervisor engine, MicroGuest guest, Path disk, boolean pause)
      throws IOException, TimeoutException {
    SerialShell shell = new SerialShell();
    BootFiles files =
        new BootFiles(
            guest.vmlinux().orElse(guest.kernel()), guest.initramfs(), MicroGuest.CMDLINE);
    try (GuestMachine machine =
        GuestMachine.build(
            engine,
            new GuestMachine.Size(1, 256 << 20, false),
            files,
            shell,
            late ->
                List.of(
                    new RngDevice("rng", new LinuxEntropy(), late::fail),
                    new BlockDevice(
                        "disk0",
                        new RawImage(
                            LinuxFile.open(disk, false),
                            "disk",
                            2,
                            System.err::println,
                            late::fail),
                        "disk0",
                        late::fail)))) {
      machine.machine().start();
      shell.await("# ", MINUTES);
      System.out.println(
          "disk " + shell.ask("dd if=/dev/vda of=/dev/null bs=1M 2>&1 | tail -1", MINUTES));
      if (pause) {
        pause(machine, shell);
      }
      shell.type("poweroff\n");
      Ending ending = machine.machine().await(MINUTES * 1000);
      System.out.println("ending " + ending);
    }
  }

  /// The guest's clock follows the host's across a pause: how far it is off, in seconds, before and
  /// after.
  private static void pause(GuestMachine machine, SerialShell shell) throws TimeoutException {
    System.out.println("clock off by " + clockError(shell) + " s after boot");
    boolean paused = machine.machine().pause();
    sleep(10_000);
    machine.machine().resume();
    System.out.println("paused " + paused);
    System.out.println("clock off by " + clockError(shell) + " s after pause");
    String complaints = shell.ask("dmesg | grep -ciE 'soft lockup|rcu.*stall|hung task'", MINUTES);
    System.out.println("complaints " + complaints);
  }

  /// Zero if the guest's time lies between the host's before the question and after the answer.
  private static long clockError(SerialShell shell) throws TimeoutException {
    long before = System.currentTimeMillis() / 1000;
    long guest = Long.parseLong(shell.ask("date +%s", MINUTES));
    long after = System.currentTimeMillis() / 1000;
    return guest < before ? guest - before : Math.max(0, guest - after);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void held() throws IOException {
    Runtime heap = Runtime.getRuntime();
    long unused = heap.freeMemory() >> 10;
    String status = Files.readString(Path.of("/proc/self/status"));
    long rss =
        status
            .lines()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
            .sum();
    System.out.printf(
        "held fds=%d threads=%d memory=%d%n",
        count("/proc/self/fd"), count("/proc/self/task"), rss - unused >> 10);
  }

  private static long count(String directory) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of(directory))) {
      return entries.count();
    }
  }
}
