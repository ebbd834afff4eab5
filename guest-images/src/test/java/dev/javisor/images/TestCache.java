package dev.javisor.images;

import dev.javisor.images.packages.DebPackage;
import dev.javisor.images.packages.PackageClient;
import dev.javisor.images.packages.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Where integration tests keep real packages between runs; the first fetches 62 MB.
public final class TestCache {
  public static final Path DIRECTORY = directory();

  private TestCache() {}

  private static Path directory() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path caches =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    return caches.resolve("javisor/test");
  }

  /// The busybox that the micro guest has, to be run here.
  public static Path busybox() throws IOException {
    PackageClient client = new PackageClient(DIRECTORY.resolve("packages"));
    DebPackage deb = client.fetch("busybox-static", Progress.NONE).open();
    Path program = DIRECTORY.resolve("busybox");
    Path part = Files.createTempFile(DIRECTORY, "busybox", ".part");
    deb.visitFiles(
        (entry, content) -> {
          if (entry.path().equals("bin/busybox")) {
            Files.copy(content, part, StandardCopyOption.REPLACE_EXISTING);
          }
        });
    Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
    return Files.move(part, program, StandardCopyOption.ATOMIC_MOVE);
  }
}
