package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;

/// Debian with systemd, as `kvm-lab/full-guest` installs it.
///
/// @param directory has `vmlinuz`, `initrd.img` and `disk.img`
record FullGuest(Path directory) {
  /// A minute on a quiet machine; this is for one that hangs.
  private static final int BOOT_SECONDS = 900;

  private static final int CHECKS_MAX = 10;
  private static final int POWER_OFF_SECONDS = 300;
  private static final String PROMPT = "root@debian:~# ";

  /// What became of a guest in which root has logged in, run checks and powered off.
  ///
  /// @param exitCode of `./javisor`
  /// @param console all that was printed there
  /// @param disk what it ran on
  /// @param results for each check `NAME.out`, `NAME.err` and `NAME.code`
  record Visit(int exitCode, String console, Path disk, Path results) {
    /// What a check has printed, if it went well.
    String output(String check) throws IOException {
      String errors = Files.readString(results.resolve(check + ".err"));
      assertEquals(
          "0\n", Files.readString(results.resolve(check + ".code")), () -> check + ": " + errors);
      return Files.readString(results.resolve(check + ".out"));
    }

    void assertPrints(String check) throws IOException {
      assertEquals(file("expected/" + check), output(check), check);
    }
  }

  /// A guest with these `packages` more; from the cache, unless it is the first time.
  static FullGuest with(String... packages) throws IOException {
    ProcessBuilder maker =
        new ProcessBuilder(
            Host.checkout().resolve("kvm-lab/full-guest").toString(),
            Guests.cache().resolveSibling("test").toString());
    maker.environment().put("FULL_GUEST_MORE", String.join(",", packages));
    Process process = maker.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (said.isBlank()) {
      throw new IOException("kvm-lab/full-guest made no guest: it says why on stderr");
    }
    return new FullGuest(Path.of(said.strip()));
  }

  /// Boots a copy of the guest's disk. `full/run.sh` and the files in `full/NAME` reach it on a
  /// second disk; what the checks print comes back on a third.
  ///
  /// @param checkSeconds more than that no check may take
  Visit visit(HereHost host, String name, int checkSeconds, Path scratch)
      throws IOException, InterruptedException, TimeoutException {
    Path root = scratch.resolve("root.img");
    Path checks = scratch.resolve("checks.tar");
    Path results = scratch.resolve("results.tar");
    shell("cp --sparse=always --reflink=auto '%s/disk.img' '%s'".formatted(directory, root));
    shell("tar -cf '%s' -C '%s' run.sh '%s'".formatted(checks, files(), name));
    shell("truncate -s 1M '%s'".formatted(results));
    ProcessBuilder javisor =
        host.program(
            "./javisor",
            "run",
            "--kernel=" + directory.resolve("vmlinuz"),
            "--initrd=" + directory.resolve("initrd.img"),
            "--cmdline=root=/dev/vda ro quiet console=ttyS0",
            "--disk=" + root,
            "--disk=" + checks + ",ro",
            "--disk=" + results);
    try (SerialDialogue terminal = new SerialDialogue(javisor)) {
      terminal.await("debian login: ", BOOT_SECONDS);
      terminal.type("root");
      terminal.await(PROMPT, BOOT_SECONDS);
      terminal.type(
          "tar -xf /dev/vdb && sh run.sh %s %d /dev/vdc; echo \"did: $?\""
              .formatted(name, checkSeconds));
      terminal.await("did: 0", CHECKS_MAX * checkSeconds);
      terminal.await(PROMPT, BOOT_SECONDS);
      terminal.type("systemctl poweroff");
      int exitCode = terminal.end(POWER_OFF_SECONDS);
      shell("tar -xf '%s' -C '%s'".formatted(results, scratch));
      Guests.counted(host, "6.1-systemd", 1, 1);
      return new Visit(exitCode, terminal.toString(), root, scratch.resolve("results"));
    }
  }

  /// Where `run.sh` is, directories of checks, and what they have to print.
  private static Path files() {
    return Host.checkout().resolve("kvm-lab/src/test/resources/dev/javisor/lab/full");
  }

  /// The text of one of the files there.
  static String file(String name) throws IOException {
    return Files.readString(files().resolve(name));
  }

  /// Runs a command of this machine's, which has to succeed.
  static void shell(String command) throws IOException {
    try (HereHost here = new HereHost()) {
      here.run(60, "set -e; " + command).assertExit(0);
    }
  }
}
