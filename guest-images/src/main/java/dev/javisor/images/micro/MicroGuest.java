package dev.javisor.images.micro;

import dev.javisor.images.kernel.BzImage;
import dev.javisor.images.kernel.KernelImage;
import dev.javisor.images.kernel.PayloadUnpacker;
import dev.javisor.images.kernel.ZeroTails;
import dev.javisor.images.packages.PackageClient;
import dev.javisor.images.packages.PackageClient.Fetched;
import dev.javisor.images.packages.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A guest that is there without an image: files in the cache, ready to boot.
///
/// @param kernel the distribution's bzImage
/// @param vmlinux the ELF inside it, if its compression is one we know: the faster way to boot
/// @param initramfs its first and only root
/// @param release of the kernel, as `uname -r` says
public record MicroGuest(Path kernel, Optional<Path> vmlinux, Path initramfs, String release) {

  /// Debian's current kernel for virtual machines; `linux-image-6.12-cloud-amd64` is another.
  public static final String KERNEL_PACKAGE = "linux-image-cloud-amd64";

  /// The kernel's log on the serial port, warnings only; a panic ends the machine at once; no
  /// self-tests of ciphers, which are a quarter of the instructions of a boot. Nothing about a
  /// single run stands here.
  public static final String CMDLINE = "console=ttyS0 panic=-1 quiet cryptomgr.notests";

  private static final String BUSYBOX_PACKAGE = "busybox-static";

  /// The devices of our machine, and a power button that can be read.
  private static final List<String> MODULES =
      List.of(
          "virtio_pci",
          "virtio_console",
          "virtio_blk",
          "virtio_net",
          "virtio_rng",
          "pvpanic_pci",
          "pvpanic_mmio",
          "evdev",
          "button",
          // what these need in some kernels: named so that one pass over the package finds them
          "virtio",
          "virtio_ring",
          "virtio_pci_modern_dev",
          "virtio_pci_legacy_dev",
          "net_failover",
          "failover",
          "pvpanic");

  /// Raised when the code changes what it builds; a changed resource is noticed by itself.
  private static final int BUILDER_VERSION = 1;

  private static final int STEPS = 4;
  private static final Object IN_THIS_PROCESS = new Object();

  /// Finds or builds the guest for the kernel package `kernelPackage`; while this process lives,
  /// its files stay. Guests that have not been used for long make room for one that is built.
  ///
  /// @param cache a directory of this user's, made when needed
  /// @param progress is told of each step of a build; of nothing if all is there
  /// @throws IOException if a package cannot be had or read
  public static MicroGuest prepare(String kernelPackage, Path cache, Progress progress)
      throws IOException {
    PackageClient client = new PackageClient(cache.resolve("packages"));
    Fetched busybox =
        client.fetch(BUSYBOX_PACKAGE, (what, bytes) -> step(progress, 1, what, bytes));
    Fetched kernel =
        client.fetch(kernelPackage, (what, bytes) -> step(progress, 2, kernelStep(what), bytes));
    Path home = cache.resolve("micro").resolve(key(kernel, busybox));
    while (!GuestShelf.hold(home)) {
      buildLocked(kernel, busybox, home, progress);
    }
    return found(home);
  }

  private static MicroGuest found(Path home) throws IOException {
    Path vmlinux = home.resolve("vmlinux");
    return new MicroGuest(
        home.resolve("vmlinuz"),
        Files.exists(vmlinux) ? Optional.of(vmlinux) : Optional.empty(),
        home.resolve("initramfs"),
        Files.readString(home.resolve("release")));
  }

  /// Anything that changes what would be built changes the key. (Not a CRC: for one the JDK loads
  /// another library.)
  private static String key(Fetched kernel, Fetched busybox) {
    int builder = Objects.hash(BUILDER_VERSION, ResourcesDigest.VALUE, MODULES);
    String key =
        kernel.name()
            + "_"
            + kernel.version()
            + "_busybox_"
            + busybox.version()
            + "_"
            + HexFormat.of().toHexDigits(builder);
    return key.replace(':', '-'); // a version's epoch; lists of paths are joined with colons
  }

  private static void buildLocked(Fetched kernel, Fetched busybox, Path home, Progress progress)
      throws IOException {
    Path parent = Files.createDirectories(home.getParent());
    synchronized (IN_THIS_PROCESS) {
      try (FileChannel file =
              FileChannel.open(
                  parent.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = file.lock()) {
        assert lock.isValid();
        if (!Files.exists(home)) {
          build(kernel, busybox, home, progress);
          GuestShelf.tidy(parent);
        }
      }
    }
  }

  /// In a directory that gets its name when it is complete; what a dead process left is reused.
  private static void build(Fetched kernel, Fetched busybox, Path home, Progress progress)
      throws IOException {
    Path building = Files.createDirectories(home.resolveSibling("building"));
    Path image = building.resolve("vmlinuz");
    step(progress, 3, "unpacking " + kernelStep(kernel.name()), Files.size(kernel.file()));
    KernelPackage contents = KernelPackage.read(kernel.open(), MODULES, image);
    unpack(image, building.resolve("vmlinux"));
    Path initramfs = building.resolve("initramfs");
    new MicroInitramfs(contents, Busybox.read(busybox.open())).writeTo(initramfs);
    step(progress, 4, "initramfs", Files.size(initramfs));
    Files.writeString(building.resolve("release"), contents.release());
    Files.move(building, home, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void unpack(Path image, Path vmlinux) throws IOException {
    Files.deleteIfExists(vmlinux);
    try (KernelImage opened = KernelImage.open(image)) {
      if (opened instanceof BzImage bzImage && PayloadUnpacker.unpack(bzImage, vmlinux)) {
        ZeroTails.cut(vmlinux);
      }
    }
  }

  /// A kernel's package is called `linux-image-6.1.0-56-cloud-amd64`.
  private static String kernelStep(String what) {
    return what.startsWith("linux-image-")
        ? "kernel " + what.substring("linux-image-".length()).replace("-amd64", "")
        : what;
  }

  private static void step(Progress progress, int number, String what, long bytes) {
    progress.step("[%d/%d] %s".formatted(number, STEPS, what), bytes);
  }
}
