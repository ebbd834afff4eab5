package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The power of L1 is cut while a guest writes numbered blocks, each with a flush, and says so:
/// every block of which it said so is on the disk, which keeps nothing that was not flushed.
class PowerCutIT {
  private static final int BLOCK_BYTES = 4096;
  private static final int CUT_AFTER = 60;

  @Test
  void everyAcknowledgedFlushSurvivesAPowerCut(@TempDir Path dir)
      throws IOException, InterruptedException {
    Path disk = freshDisk(dir);
    int acknowledged = writeUntilTheCut(disk);
    assertTrue(acknowledged >= CUT_AFTER, "acknowledged: " + acknowledged);
    assertEquals(List.of(), missing(disk, acknowledged));
    System.out.println("PowerCutIT: " + acknowledged + " flushed blocks, all there after the cut");
    Guests.counted("kvm", "6.1", 1, 1);
  }

  /// The test above is worth something only if it fails where flushes are not honest.
  @Test
  void aDiskWhoseFlushDoesNothingIsFoundOut(@TempDir Path dir)
      throws IOException, InterruptedException {
    Path agent = Host.checkout().resolve("kvm-lab/target/no-flush-agent.jar");
    NoFlushAgent.writeTo(agent);
    for (int i = Scale.of(1, 5); i > 0; i--) {
      Path disk = freshDisk(dir);
      int acknowledged = writeUntilTheCut(disk, "--env", "JAVISOR_JAVA_OPTS=-javaagent:" + agent);
      assertTrue(acknowledged >= CUT_AFTER, "acknowledged: " + acknowledged);
      int missing = missing(disk, acknowledged).size();
      assertTrue(missing > 0, "nothing is missing of " + acknowledged);
      System.out.printf("PowerCutIT: without fdatasync %d of %d are gone%n", missing, acknowledged);
      Guests.counted("kvm", "6.1", 1, 1);
    }
  }

  private static Path freshDisk(Path dir) throws IOException {
    Guests.prepare("kvm", Guests.LINUX_6_1);
    Path disk = dir.resolve("disk");
    try (var file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(0); // what a run before left
      file.setLength(16 << 20);
    }
    return disk;
  }

  /// The number of the last block that the guest said was flushed.
  private static int writeUntilTheCut(Path disk, String... options)
      throws IOException, InterruptedException {
    String guest =
        "i=0; while [ $i -lt 4000 ]; do i=$((i + 1)); yes \"block $i \" | head -c 4096 |"
            + " dd of=/dev/vda bs=4096 seek=$i conv=notrunc,fsync 2>/dev/null && echo ack $i; done";
    List<String> command = new ArrayList<>();
    command.add(Host.checkout().resolve("kvm-lab/run").toString());
    command.addAll(List.of("--timeout", "300", "--disk", disk + ":data"));
    command.addAll(List.of("--cut-on", "ack " + CUT_AFTER));
    command.addAll(List.of(options));
    command.addAll(List.of("--", "./javisor", "run", "--disk", "/dev/lab/data"));
    command.addAll(List.of("--", "sh", "-c", guest));
    Process lab =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    lab.getOutputStream().close();
    String said = new String(lab.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertEquals(137, lab.waitFor(), said);
    // The last line may be cut short, and then says nothing.
    return said.substring(0, said.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> line.startsWith("ack "))
        .mapToInt(line -> Integer.parseInt(line.substring(4)))
        .max()
        .orElse(0);
  }

  private static List<Integer> missing(Path disk, int last) throws IOException {
    List<Integer> missing = new ArrayList<>();
    byte[] block = new byte[BLOCK_BYTES];
    try (var file = new RandomAccessFile(disk.toFile(), "r")) {
      for (int i = 1; i <= last; i++) {
        file.seek((long) i * BLOCK_BYTES);
        file.readFully(block);
        String line = "block " + i + " \n";
        String expected = line.repeat(BLOCK_BYTES / line.length() + 1).substring(0, BLOCK_BYTES);
        if (!expected.equals(new String(block, StandardCharsets.US_ASCII))) {
          missing.add(i);
        }
      }
    }
    return missing;
  }
}
