package dev.javisor.x86.zydis;

import dev.javisor.images.micro.MicroGuest;
import dev.javisor.images.packages.PackageClient;
import dev.javisor.images.packages.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Code that compilers and kernel authors have written, out of the distribution's packages, fetched
/// once.
final class RealCode {
  private static final Path CACHE =
      Path.of(System.getProperty("user.home"), ".cache", "javisor", "guest");

  private RealCode() {}

  /// The executable sections of the kernel that the built-in guest boots.
  static List<byte[]> vmlinux() throws IOException {
    MicroGuest guest = MicroGuest.prepare(MicroGuest.KERNEL_PACKAGE, CACHE, Progress.NONE);
    return ElfCode.sections(Files.readAllBytes(guest.vmlinux().orElseThrow()));
  }

  /// Those of all files of `packageName` whose path ends so.
  static List<byte[]> of(String packageName, String pathEnd) throws IOException {
    return of(new PackageClient(CACHE.resolve("packages")), packageName, pathEnd);
  }

  /// The same of a package for 32-bit machines.
  static List<byte[]> ofI386(String packageName, String pathEnd) throws IOException {
    Path packages = CACHE.resolve("packages-i386");
    return of(PackageClient.ofArchitecture("i386", packages), packageName, pathEnd);
  }

  private static List<byte[]> of(PackageClient client, String packageName, String pathEnd)
      throws IOException {
    List<byte[]> sections = new ArrayList<>();
    client
        .fetch(packageName, Progress.NONE)
        .open()
        .visitFiles(
            (entry, content) -> {
              if (entry.path().endsWith(pathEnd) && entry.size() > 0) {
                sections.addAll(ElfCode.sections(content.readAllBytes()));
              }
            });
    return sections;
  }
}
