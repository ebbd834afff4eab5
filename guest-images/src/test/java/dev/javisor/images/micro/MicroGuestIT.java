package dev.javisor.images.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.images.TestCache;
import dev.javisor.images.packages.PackageClient;
import dev.javisor.images.packages.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The micro guest of Debian's real packages, booted by QEMU's emulator.
@Timeout(180)
class MicroGuestIT {
  private static final String KERNEL_6_12 = "linux-image-6.12-cloud-amd64";

  @TempDir Path directory;

  @Test
  void debians61RunsACommandEndToEnd() throws Exception {
    runsACommand(guest(MicroGuest.KERNEL_PACKAGE), vmlinux(guest(MicroGuest.KERNEL_PACKAGE)));
  }

  @Test
  void debians61RunsACommandFromItsBzImage() throws Exception {
    runsACommand(guest(MicroGuest.KERNEL_PACKAGE), guest(MicroGuest.KERNEL_PACKAGE).kernel());
  }

  @Test
  void debians612RunsACommandEndToEnd() throws Exception {
    runsACommand(guest(KERNEL_6_12), guest(KERNEL_6_12).kernel());
  }

  private void runsACommand(MicroGuest guest, Path kernel) throws Exception {
    try (GuestUnderQemu machine = boot(guest, kernel)) {
      GuestPorts ports = machine.ports();
      CompletableFuture<byte[]> stdout = ports.stdout();
      CompletableFuture<byte[]> stderr = ports.stderr();
      List<String> argv = new ArrayList<>(List.of("sh", "-c", SCRIPT, "sh"));
      argv.addAll(HostileWords.WORDS);
      ports.send(
          new GuestRequest(
                  argv, Map.of("A", "b c"), "/tmp", null, "here", 4102444800L, new byte[32], false)
              .line());
      assertEquals(new GuestReply.Ack(), ports.reply());
      ports.feed("from stdin\n".getBytes(StandardCharsets.US_ASCII));
      assertEquals(new GuestReply.Exit(42), ports.reply());
      assertTrue(machine.ends());
      assertOutput(guest, new String(stdout.join(), StandardCharsets.ISO_8859_1));
      assertEquals("on stderr\n", new String(stderr.join(), StandardCharsets.US_ASCII));
      assertTrue(machine.serial().contains("reboot: Power down"));
      assertEquals(List.of(), complaints(machine.serial()));
    }
  }

  private static final String SCRIPT =
      """
      echo on stderr >&2
      uname -r; hostname; date +%Y; pwd; echo "$A"; cat; echo again >/dev/stdout
      ip link show lo | grep -c LOOPBACK,UP
      for module in /sys/module/virtio_pci /sys/module/virtio_blk /sys/module/pvpanic_pci; do
        [ -d $module ] || echo "no $module"
      done
      [ "$(cat /proc/sys/kernel/tainted)" = 0 ] || echo tainted
      sleep 1000 &
      printf '%s\\0' "$@"
      exit 42
      """;

  private static void assertOutput(MicroGuest guest, String output) {
    String[] parts = output.split("\n", 9);
    assertEquals(
        List.of(guest.release(), "here", "2100", "/tmp", "b c", "from stdin", "again", "1"),
        Arrays.asList(parts).subList(0, 8));
    String words = parts[8];
    assertEquals(
        HostileWords.WORDS, Arrays.asList(words.substring(0, words.length() - 1).split("\0", -1)));
  }

  /// The log is quiet: its warnings are few and known.
  private static List<String> complaints(String serial) {
    return serial
        .lines()
        .filter(line -> line.contains("insmod") || line.contains("mount:") || line.contains("sh:"))
        .toList();
  }

  @Test
  void aCommandThatKillsEverythingEndsTheMachineAndIsReported() throws Exception {
    assertEquals(new GuestReply.Exit(137), endOf("sh", "-c", "kill -9 -1; sleep 60"));
  }

  @Test
  void aChildThatHoldsStdoutDoesNotKeepTheMachine() throws Exception {
    assertEquals(new GuestReply.Exit(3), endOf("sh", "-c", "sleep 1000 & exit 3"));
  }

  @Test
  void aCommandEndsThoughItsStdinIsOpen() throws Exception {
    MicroGuest guest = guest(KERNEL_6_12); // its ports know splice, which cat would use
    try (GuestUnderQemu machine = boot(guest, guest.kernel())) {
      machine.ports().send(GuestRequest.of("true").line());
      assertEquals(new GuestReply.Ack(), machine.ports().reply());
      assertEquals(new GuestReply.Exit(0), machine.ports().reply());
      assertTrue(machine.ends());
    }
  }

  @Test
  void aHangupGivesSigpipeThoughThePortIsFull() throws Exception {
    try (GuestUnderQemu machine = boot()) {
      machine.ports().send(GuestRequest.of("yes").line());
      assertEquals(new GuestReply.Ack(), machine.ports().reply());
      Thread.sleep(500); // nobody reads: port, pump and pipe fill up
      machine.ports().send(GuestProtocol.hangup(1));
      assertEquals(new GuestReply.Exit(128 + 13), machine.ports().reply());
    }
  }

  @Test
  void poweroffInTheGuestPowersOff() throws Exception {
    endOf("poweroff");
  }

  @Test
  void rebootInTheGuestResets() throws Exception {
    endOf("reboot");
  }

  @Test
  void thePowerButtonPowersOff() throws Exception {
    try (GuestUnderQemu machine = boot()) {
      machine.ports().send(GuestRequest.of("sleep", "1000").line());
      assertEquals(new GuestReply.Ack(), machine.ports().reply());
      machine.monitor("system_powerdown");
      assertTrue(machine.ends());
      assertTrue(machine.serial().contains("reboot: Power down"));
    }
  }

  @Test
  void aPanicResetsAtOnceAndTellsTheHost() throws Exception {
    MicroGuest guest = guest(MicroGuest.KERNEL_PACKAGE);
    try (GuestUnderQemu machine =
        new GuestUnderQemu(
            vmlinux(guest), guest.initramfs(), directory, "-device", "pvpanic-pci")) {
      GuestPorts ports = machine.ports();
      assertEquals(new GuestReply.Ready(1), ports.reply());
      ports.send(GuestRequest.of("sh", "-c", "echo c >/proc/sysrq-trigger").line());
      assertTrue(machine.ends());
      assertTrue(machine.serial().contains("Kernel panic - not syncing"));
    }
  }

  @Test
  void aCommandOnTheTerminalHasItAndItsSize() throws Exception {
    try (GuestUnderQemu machine = boot()) {
      machine
          .ports()
          .send(
              new GuestRequest(
                      List.of("sh", "-c", "(tty; stty size; ps -o tty,args) >/dev/ttyS0; exit 9"),
                      Map.of(),
                      "/",
                      new GuestRequest.Terminal("hvc0", 33, 101),
                      "",
                      0,
                      new byte[0],
                      false)
                  .line());
      assertEquals(new GuestReply.Ack(), machine.ports().reply());
      assertEquals(new GuestReply.Exit(9), machine.ports().reply());
      assertTrue(machine.ends());
      String serial = machine.serial().replace("\r", "");
      assertTrue(serial.contains("/dev/hvc0\n33 101\n"), serial);
      assertTrue(serial.contains("229,0  sh -c (tty"), serial);
    }
  }

  @Test
  void theAppletsAreThoseItListsItself() throws Exception {
    Process list =
        new ProcessBuilder(TestCache.busybox().toString(), "--list")
            .redirectErrorStream(true)
            .start();
    String names = new String(list.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    PackageClient client = new PackageClient(TestCache.DIRECTORY.resolve("packages"));
    assertEquals(
        names.lines().toList(),
        Busybox.read(client.fetch("busybox-static", Progress.NONE).open()).applets());
  }

  /// Runs `argv` until the machine ends; what the guest said last.
  private GuestReply endOf(String... argv) throws Exception {
    try (GuestUnderQemu machine = boot()) {
      machine.ports().send(GuestRequest.of(argv).line());
      assertEquals(new GuestReply.Ack(), machine.ports().reply());
      GuestReply last = machine.ports().reply();
      assertTrue(machine.ends());
      return last;
    }
  }

  private GuestUnderQemu boot() throws IOException {
    MicroGuest guest = guest(MicroGuest.KERNEL_PACKAGE);
    return boot(guest, vmlinux(guest));
  }

  private GuestUnderQemu boot(MicroGuest guest, Path kernel) throws IOException {
    GuestUnderQemu machine = new GuestUnderQemu(kernel, guest.initramfs(), directory);
    assertEquals(new GuestReply.Ready(GuestProtocol.VERSION), machine.ports().reply());
    return machine;
  }

  private static MicroGuest guest(String kernelPackage) throws IOException {
    return MicroGuest.prepare(kernelPackage, TestCache.DIRECTORY, Progress.NONE);
  }

  private static Path vmlinux(MicroGuest guest) {
    return guest.vmlinux().orElseThrow();
  }
}
