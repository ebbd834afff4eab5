package dev.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AotTrainingTest {
  /// What the JVM does not see in its training it is slow at in the first seconds of each run.
  @Test
  void theTrainingGoesAllTheWayToACommandsExitCode(@TempDir Path directory) throws IOException {
    assertEquals(TrainingGuest.EXIT_CODE, AotTraining.run(directory));
    assertTrue(Files.readString(directory.resolve("log")).contains("starting"), "serial port");
  }
}
