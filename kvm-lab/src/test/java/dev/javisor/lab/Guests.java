package dev.javisor.lab;

import dev.javisor.images.micro.MicroGuest;
import dev.javisor.images.packages.Progress;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What `./javisor run` needs on a host that has neither a network nor Maven.
final class Guests {
  static final String LINUX_6_1 = MicroGuest.KERNEL_PACKAGE;
  static final String LINUX_6_12 = "linux-image-6.12-cloud-amd64";

  private Guests() {}

  /// Fetches kernels into the cache that the lab shows L1.
  static void fetch(String... kernelPackages) throws IOException {
    for (String kernel : kernelPackages) {
      MicroGuest unused = MicroGuest.prepare(kernel, cache(), Progress.NONE);
    }
  }

  /// For ./verify, which counts boots by kernel, vCPUs and engine.
  static void counted(String kernel, int cpus, int boots) {
    for (int i = 0; i < boots; i++) {
      System.out.printf("COUNTS boot kernel=%s vcpus=%d engine=kvm%n", kernel, cpus);
    }
  }

  private static Path cache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    return base.resolve("javisor/guest");
  }

  /// Says to the launcher that what Maven has just built is the build, so that it makes none.
  static void useThisBuild() throws IOException {
    Path target = Host.checkout().resolve("cli/target");
    List<Path> jars = new ArrayList<>(jarsIn(target));
    jars.addAll(jarsIn(target.resolve("lib")));
    if (jars.size() < 2) {
      throw new IOException("no build in " + target + ": mvn -pl cli -am package");
    }
    Path file = target.resolve("launch/classpath");
    String content = jars.stream().map(Path::toString).collect(Collectors.joining(":"));
    if (!isCurrent(file, content, jars)) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    }
  }

  private static List<Path> jarsIn(Path directory) throws IOException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.jar")) {
      found.forEach(jars::add);
    }
    jars.sort(null);
    return jars;
  }

  private static boolean isCurrent(Path file, String content, List<Path> jars) throws IOException {
    if (!Files.exists(file) || !Files.readString(file).equals(content)) {
      return false;
    }
    for (Path jar : jars) {
      if (Files.getLastModifiedTime(jar).compareTo(Files.getLastModifiedTime(file)) > 0) {
        return false;
      }
    }
    return true;
  }
}
