package dev.javisor.images.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client against a package client of a few lines of shell, which notes each call.
class PackageClientTest {
  private static final String META = "linux-image-cloud-amd64";
  private static final String KERNEL = "linux-image-6.1.0-56-cloud-amd64";

  @TempDir Path directory;
  private Path cache;
  private Path calls;
  private PackageClient client;
  private final List<String> steps = new ArrayList<>();
  private final Progress progress = (what, bytes) -> steps.add(Progress.line(what, bytes));

  @BeforeEach
  void install() throws IOException {
    cache = directory.resolve("cache");
    calls = directory.resolve("calls");
    client = clientOf("host lists");
  }

  @Test
  void aMetaPackageStandsForTheKernelItDependsOn() throws IOException {
    PackageClient.Fetched kernel = client.fetch(META, progress);
    assertEquals(KERNEL, kernel.name());
    assertEquals("1:6.1.192-2", kernel.version());
    assertEquals("content of " + KERNEL, Files.readString(kernel.file()).strip());
    assertEquals(List.of(KERNEL + ", 26.7 MB"), steps);
  }

  @Test
  void aSecondFetchCallsNobody() throws IOException {
    PackageClient.Fetched first = client.fetch(META, progress);
    Files.delete(calls);
    assertEquals(first, client.fetch(META, progress));
    assertEquals(first, new PackageClient(cache, missing(), null).fetch(META, progress));
    assertTrue(Files.notExists(calls));
  }

  @Test
  void anOrdinaryPackageIsItself() throws IOException {
    assertEquals("busybox-static", client.fetch("busybox-static", progress).name());
  }

  @Test
  void aMachineWithoutListsGetsListsOfItsOwn() throws IOException {
    client = clientOf("no lists");
    assertEquals(KERNEL, client.fetch(META, progress).name());
    assertEquals("package lists", steps.getFirst());
    assertTrue(Files.readString(calls).contains("Dir::State=" + cache.resolve("apt")));
  }

  @Test
  void anotherArchitectureHasListsOfItsOwnEvenIfOneOfTheSourcesIsNotThere() throws IOException {
    Path apt = clientProgram("a source is gone");
    PackageClient foreign =
        new PackageClient(cache, new Apt.Programs(apt.toString(), apt.toString()), "i386");
    assertEquals("busybox-static", foreign.fetch("busybox-static", progress).name());
    for (String call : Files.readAllLines(calls)) {
      assertTrue(call.contains("Dir::State=" + cache.resolve("apt")), call);
      assertTrue(call.contains("APT::Architectures=i386"), call);
    }
  }

  @Test
  void aDownloadThatFailsLeavesNothingAndIsTriedAgain() throws IOException {
    client = clientOf("half");
    IOException failure = assertThrows(IOException.class, () -> client.fetch(META, progress));
    assertTrue(
        String.valueOf(failure.getMessage()).contains("E: connection lost"), failure::getMessage);
    assertEquals(List.of("apt", "lock"), names());
    assertEquals(KERNEL, clientOf("host lists").fetch(META, progress).name());
  }

  @Test
  void whatADeadProcessLeftIsRemoved() throws IOException {
    Path left = Files.createDirectories(cache.resolve("arriving/partial"));
    Files.writeString(left.resolve(KERNEL + "_9_amd64.deb"), "half");
    client.fetch(META, progress);
    assertTrue(Files.notExists(cache.resolve("arriving")));
  }

  @Test
  void manyAtOnceDownloadOnce() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<PackageClient.Fetched>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        all.add(threads.submit(() -> clientOf("host lists").fetch(META, Progress.NONE)));
      }
      for (Future<PackageClient.Fetched> one : all) {
        assertEquals(KERNEL, one.get().name());
      }
    }
    assertEquals(
        1,
        Files.readAllLines(calls).stream()
            .filter(line -> line.contains("download " + KERNEL))
            .count());
  }

  @Test
  void withoutAPackageClientTheWayOutIsNamed() {
    PackageClient none = new PackageClient(cache, missing(), null);
    IOException failure = assertThrows(IOException.class, () -> none.fetch(META, progress));
    assertTrue(
        String.valueOf(failure.getMessage())
            .endsWith("name a kernel with --kernel FILE --initrd FILE"));
    assertEquals(1, String.valueOf(failure.getMessage()).lines().count());
  }

  @Test
  void nothingButAPackagesNameReachesTheClient() {
    for (String name : new String[] {"", "-oDir=/", "../x", "A", "a b", "a=1", "a/b"}) {
      assertThrows(IllegalArgumentException.class, () -> client.fetch(name, progress));
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Apt.Programs missing() {
    return new Apt.Programs(directory + "/no-apt-get", directory + "/no-apt-cache");
  }

  private PackageClient clientOf(String mode) throws IOException {
    Path apt = clientProgram(mode);
    return new PackageClient(cache, new Apt.Programs(apt.toString(), apt.toString()), null);
  }

  private Path clientProgram(String mode) throws IOException {
    Path apt = directory.resolve("apt " + mode);
    if (Files.notExists(apt)) {
      Files.writeString(apt, SCRIPT.formatted(calls, mode));
      Files.setPosixFilePermissions(apt, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return apt;
  }

  private static final String SCRIPT =
      """
      #!/bin/sh
      echo "$*" >>'%s'
      mode='%s'
      case "$mode $*" in
        'no lists'*Dir::State*) ;;
        'no lists'*) echo "E: No packages found"; exit 100 ;;
        'a source is gone'*" update") echo "E: Some index files failed"; exit 100 ;;
      esac
      case "$*" in
        *" depends linux-image-cloud-amd64")
          echo linux-image-cloud-amd64
          echo "  Depends: linux-image-6.1.0-56-cloud-amd64" ;;
        *" depends linux-image-6"*) printf '  Depends: kmod\\n |Depends: initramfs-tools\\n' ;;
        *--print-uris*) echo "'http://x' x.deb 26713492 SHA256:0" ;;
        *" download "*)
          for name; do :; done
          if [ "$mode" = half ]; then
            printf half >"${name}_1%%3a6.1.192-2_amd64.deb.part"
            echo "E: connection lost"; exit 100
          fi
          echo "content of $name" >"${name}_1%%3a6.1.192-2_amd64.deb" ;;
      esac
      """;
}
