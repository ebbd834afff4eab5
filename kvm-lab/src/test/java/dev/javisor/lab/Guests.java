package dev.javisor.lab;

import dev.javisor.images.micro.MicroGuest;
import dev.javisor.images.packages.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// What `./javisor run` needs on a host that has neither a network nor Maven.
final class Guests {
  static final String LINUX_6_1 = MicroGuest.KERNEL_PACKAGE;
  static final String LINUX_6_12 = "linux-image-6.12-cloud-amd64";

  /// Of 6.1 too: with drivers for any hardware.
  static final String LINUX_GENERIC = "linux-image-amd64";

  /// For a script: the directory in the cache with the files of the newest guest of 6.1.
  static final String DIRECTORY =
      "$(ls -dt ${XDG_CACHE_HOME:-$HOME/.cache}/javisor/guest/micro/linux-image-6.1.*-cloud-*"
          + " | head -1)";

  private Guests() {}

  /// Fetches kernels into the cache that the lab shows L1, and has the launcher make the engine's
  /// AOT cache: in L1, where the checkout cannot be written to, a start without it takes three
  /// times as long, and a cache that is made behind the first test disturbs the second.
  ///
  /// @param engine `kvm` or `software`
  static void prepare(String engine, String... kernelPackages) throws IOException {
    fetch(kernelPackages);
    ProcessBuilder javisor =
        new ProcessBuilder(Host.checkout().resolve("javisor").toString(), "--version");
    javisor.environment().put("JAVISOR_ENGINE", engine);
    javisor.environment().put("JAVISOR_TRAIN", "now");
    Process process = javisor.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!said.contains("javisor ")) {
      throw new IOException("./javisor does not start here: " + said);
    }
  }

  /// Fetches kernels into the cache where `./javisor run` looks.
  static void fetch(String... kernelPackages) throws IOException {
    for (String kernel : kernelPackages) {
      MicroGuest unused = micro(kernel);
    }
  }

  /// The built-in guest with the kernel of a package.
  static MicroGuest micro(String kernelPackage) throws IOException {
    return MicroGuest.prepare(kernelPackage, cache(), Progress.NONE);
  }

  /// For ./verify, which counts boots by kernel, vCPUs and engine.
  static void counted(Host host, String kernel, int cpus, int boots) {
    counted(host.engine(), kernel, cpus, boots);
  }

  /// @param engine `kvm` or `software`
  static void counted(String engine, String kernel, int cpus, int boots) {
    for (int i = 0; i < boots; i++) {
      System.out.printf("COUNTS boot %s/%d/%s%n", kernel, cpus, engine);
    }
  }

  /// Where `./javisor run` looks.
  static Path cache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    return base.resolve("javisor/guest");
  }
}
