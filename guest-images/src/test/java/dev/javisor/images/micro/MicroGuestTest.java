package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.images.packages.DebFixture;
import dev.javisor.images.packages.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Builds from packages made here, which lie in the cache already, so that nobody fetches them.
class MicroGuestTest {
  private static final String KERNEL = "linux-image-6.1.0-56-cloud-amd64";
  private static final String ROOT = "lib/modules/6.1.0-56-cloud-amd64/";
  private static final List<String> MODULES =
      List.of(
          "virtio_pci",
          "virtio_console",
          "virtio_blk",
          "virtio_net",
          "virtio-rng",
          "pvpanic-pci",
          "pvpanic-mmio",
          "evdev",
          "button",
          "virtio",
          "virtio_ring",
          "virtio_pci_modern_dev",
          "virtio_pci_legacy_dev",
          "net_failover",
          "failover",
          "pvpanic");

  @TempDir Path cache;
  private final List<String> steps = new ArrayList<>();

  @BeforeEach
  void packages() throws IOException {
    Path packages = Files.createDirectories(cache.resolve("packages"));
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("boot/vmlinuz-6.1.0-56-cloud-amd64", elf());
    files.put(ROOT + "modules.builtin", new byte[0]);
    for (String module : MODULES) {
      files.put(ROOT + "kernel/" + module + ".ko", bytes("\0depends=\0"));
    }
    DebFixture.write(packages.resolve(KERNEL + "_6.1.192-2_amd64.deb"), ".gz", "", files);
    DebFixture.write(
        packages.resolve("busybox-static_1%3a1.35.0-4_amd64.deb"),
        ".gz",
        "",
        Map.of("bin/busybox", bytes("...\0[\0[[\0ash\0busybox\0sh\0\0...")));
  }

  @Test
  void theFirstTimeBuildsAndSaysSoLaterOnesAreSilent() throws IOException {
    MicroGuest guest = prepare();
    assertEquals(List.of("[3/4] unpacking kernel 6.1.0-56-cloud", "[4/4] initramfs"), steps);
    assertEquals("6.1.0-56-cloud-amd64", guest.release());
    assertArrayEquals(elf(), Files.readAllBytes(guest.kernel()));
    assertTrue(guest.vmlinux().isEmpty());
    steps.clear();
    assertEquals(guest, prepare());
    assertEquals(List.of(), steps);
  }

  @Test
  void theCachesPathHasNoColon() throws IOException {
    assertTrue(prepare().initramfs().toString().indexOf(':') < 0);
  }

  @Test
  void theInitramfsHoldsInitBusyboxAndModulesInOrder() throws IOException {
    Map<String, String> entries = initramfs(prepare());
    assertEquals("100755", entries.get("init mode"));
    assertTrue(String.valueOf(entries.get("init")).startsWith("#!/bin/sh\n"));
    assertEquals("busybox", entries.get("bin/ash"));
    assertEquals("120777", entries.get("bin/sh mode"));
    assertEquals("100755", entries.get("bin/busybox mode"));
    assertEquals("../bin", entries.get("usr/sbin"));
    assertEquals("20600", entries.get("dev/console mode"));
    List<String> order = String.valueOf(entries.get("lib/javisor/modules")).lines().toList();
    assertEquals(MODULES.size(), order.size());
    order.forEach(file -> assertTrue(entries.containsKey("lib/modules/" + file), file));
  }

  @Test
  void buildingTwiceGivesTheSameBytes() throws IOException {
    byte[] first = Files.readAllBytes(prepare().initramfs());
    deleteBuilt();
    assertArrayEquals(first, Files.readAllBytes(prepare().initramfs()));
  }

  @Test
  void anotherPackageVersionBuildsAnotherGuest() throws IOException {
    Path old = prepare().initramfs();
    Path packages = cache.resolve("packages");
    Files.move(
        packages.resolve(KERNEL + "_6.1.192-2_amd64.deb"),
        packages.resolve(KERNEL + "_6.1.193-1_amd64.deb"));
    assertTrue(!prepare().initramfs().equals(old));
  }

  @Test
  void aBuildThatFailsLeavesNoGuest() throws IOException {
    Path busybox = cache.resolve("packages/busybox-static_1%3a1.35.0-4_amd64.deb");
    byte[] whole = Files.readAllBytes(busybox);
    DebFixture.write(busybox, ".gz", "", Map.of("bin/busybox", bytes("not it")));
    assertThrows(IOException.class, this::prepare);
    Files.write(busybox, whole);
    assertEquals("6.1.0-56-cloud-amd64", prepare().release());
  }

  @Test
  void manyAtOnceBuildOnce() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<MicroGuest>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(threads.submit(() -> MicroGuest.prepare(KERNEL, cache, Progress.NONE)));
      }
      for (Future<MicroGuest> one : all) {
        assertEquals(prepare(), one.get());
      }
    }
    try (Stream<Path> built = Files.list(cache.resolve("micro"))) {
      assertEquals(2, built.count()); // the guest and the lock
    }
  }

  private MicroGuest prepare() throws IOException {
    return MicroGuest.prepare(KERNEL, cache, (what, bytes) -> steps.add(what));
  }

  private void deleteBuilt() throws IOException {
    try (Stream<Path> built = Files.walk(cache.resolve("micro"))) {
      for (Path file : built.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  /// Contents or link targets by path, modes by path and ` mode`.
  private static Map<String, String> initramfs(MicroGuest guest) throws IOException {
    Map<String, String> entries = new TreeMap<>();
    try (var in = new CpioArchiveInputStream(Files.newInputStream(guest.initramfs()))) {
      for (CpioArchiveEntry entry; (entry = in.getNextEntry()) != null; ) {
        String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(null, entries.put(entry.getName(), content), entry.getName());
        entries.put(entry.getName() + " mode", Long.toOctalString(entry.getMode()));
      }
    }
    return entries;
  }

  /// As much of a kernel as `KernelImage` asks of an ELF: one segment.
  private static byte[] elf() {
    ByteBuffer elf = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464C457F).putInt(4, 0x010102).putShort(18, (short) 62);
    elf.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
    elf.putInt(64, 1).putLong(64 + 24, 0x100000).putLong(64 + 40, 4096);
    return elf.array();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
