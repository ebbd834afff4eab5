package dev.javisor.devices.virtio.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javisor.testkit.virtio.MockDriver;
import dev.javisor.vmm.state.StateWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BlockRestoreTest {

  @Test
  void stoppedInMidTrafficADiskGoesOnInAFreshJvm(@TempDir Path directory) throws Exception {
    try (BlockFixture at = new BlockFixture()) {
      at.store.holding = true;
      int inFlight = at.read(0, 512);
      at.driver.await("it", () -> at.store.heldRequests() == 1);
      at.store.answerFirst();
      assertTrue(at.driver.device.quiesce(System.nanoTime() + 30_000_000_000L));
      assertEquals(BlockRequest.S_OK, at.answer(inFlight));
      int read = at.read(9, 1024);
      at.driver.fill(BlockFixture.data(2), 5, 6, 7);
      int write = at.write(20, 512);
      int beyond = at.read(1 << 30, 512);

      leave(at, directory);
      second(at.driver.queue(0), directory);

      byte[] disk = Files.readAllBytes(directory.resolve("disk"));
      assertArrayEquals(new byte[] {5, 6, 7, 0}, Arrays.copyOfRange(disk, 10240, 10244));
      byte[] memory = Files.readAllBytes(directory.resolve("memory"));
      assertEquals(10, memory[(int) BlockFixture.data(read)]);
      assertEquals(11, memory[(int) BlockFixture.data(read) + 512]);
      assertEquals(BlockRequest.S_OK, memory[(int) BlockFixture.status(read)]);
      assertEquals(BlockRequest.S_OK, memory[(int) BlockFixture.status(write)]);
      assertEquals(BlockRequest.S_IOERR, memory[(int) BlockFixture.status(beyond)]);
    }
  }

  private static void leave(BlockFixture at, Path directory) throws IOException {
    StateWriter out = new StateWriter();
    at.driver.device.save(out);
    Files.write(directory.resolve("state"), out.toByteArray());
    Files.write(directory.resolve("memory"), at.driver.bytes(0, 8 << 20));
    Files.write(directory.resolve("disk"), at.store.bytes);
  }

  private static void second(MockDriver queue, Path directory) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-cp",
                System.getProperty("java.class.path"),
                BlockRestore.class.getName(),
                directory.toString(),
                "4",
                String.valueOf(queue.descriptorTable()),
                String.valueOf(queue.availRing()),
                String.valueOf(queue.usedRing()),
                String.valueOf(BlockFixture.ALL))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(directory.resolve("output")));
  }
}
