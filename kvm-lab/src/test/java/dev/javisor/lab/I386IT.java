package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.images.packages.PackageClient;
import dev.javisor.images.packages.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A 32-bit program in the built-in guest on our own processor: Debian's busybox for i386, with
/// integers, the x87 and system calls by INT 80h or SYSENTER.
@OnSoftware(kernels = Guests.LINUX_6_1)
class I386IT {
  private static final int TIMEOUT_SECONDS = 600;
  private static final int SECTOR_BYTES = 512;

  @TempDir private Path directory;

  @Test
  void busyboxWorksOutWhatTheHostsProcessorDoes(Host host)
      throws IOException, NoSuchAlgorithmException {
    byte[] busybox = busybox();
    Path disk = directory.resolve("busybox.img");
    int sectors = (busybox.length + SECTOR_BYTES - 1) / SECTOR_BYTES;
    Files.write(disk, Arrays.copyOf(busybox, sectors * SECTOR_BYTES));
    Host.Result result =
        host.run(
            TIMEOUT_SECONDS,
            """
            ./javisor run --disk '%s,ro' -- sh -c '
              mkdir /i386 && head -c %d /dev/vda >/i386/busybox && chmod +x /i386/busybox
              eval "$1"' sh "$(echo 'set -- /i386/busybox'; cat '%s')"
            """
                .formatted(disk, busybox.length, resources().resolve("work.sh")));
    result.assertExit(0);
    String expected =
        Files.readString(resources().resolve("expected"))
            .replace("SHA-256", digest("SHA-256", busybox) + "  -")
            .replace("SHA-512", digest("SHA-512", busybox) + "  -");
    assertEquals(expected, result.stdout(), result::toString);
    assertEquals("", result.stderr());
    Guests.counted(host, "6.1", 1, 1);
  }

  private static byte[] busybox() throws IOException {
    ByteArrayOutputStream program = new ByteArrayOutputStream();
    PackageClient.ofArchitecture("i386", Guests.cache().resolve("packages-i386"))
        .fetch("busybox-static", Progress.NONE)
        .open()
        .visitFiles(
            (entry, content) -> {
              if (entry.path().endsWith("bin/busybox")) {
                content.transferTo(program);
              }
            });
    return program.toByteArray();
  }

  private static String digest(String algorithm, byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
  }

  private static Path resources() {
    return Host.checkout().resolve("kvm-lab/src/test/resources/dev/javisor/lab/i386");
  }
}
