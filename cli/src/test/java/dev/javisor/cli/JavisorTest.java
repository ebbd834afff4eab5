package dev.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavisorTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int execute(String... words) {
    return Javisor.execute(
        List.of(words),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aMistakeIsTwoLinesOnStandardErrorAndCode125() {
    assertEquals(125, execute("run", "--cpus", "many"));
    assertEquals("", out());
    assertEquals(
        "javisor: option '--cpus': 'many' is not a whole number\n"
            + "javisor: see `javisor run --help`\n",
        err());
  }

  @Test
  void aTraceOfTheProcessorIsRefusedOnKvm() {
    assertEquals(125, execute("run", "--accel", "kvm", "--trace", "cpu=from=5", "--", "true"));
    assertEquals(
        "javisor: --trace cpu works on our own processor only: add --accel software\n", err());
  }

  @Test
  void withoutACommandItSaysWhichThereAre() {
    assertEquals(125, execute());
    assertEquals(
        "javisor: a command is missing: run or doctor\njavisor: see `javisor --help`\n", err());
  }

  @Test
  void aCommandBeforeTheDashesIsAMistake() {
    assertEquals(125, execute("run", "uname", "--dry-run"));
    assertTrue(err().contains("unexpected 'uname': a command stands behind --"), err());
  }

  @Test
  void aDryRunPrintsTheMachine() {
    assertEquals(0, execute("run", "--dry-run", "-m1G", "--accel", "KVM", "--", "ls", "-l"));
    assertTrue(out().contains("\"memory\" : \"1G\""), out());
    assertTrue(out().contains("\"accel\" : \"kvm\""), out());
    assertTrue(out().contains("\"command\" : [ \"ls\", \"-l\" ]"), out());
  }

  @Test
  void whatCannotBeAMachineIsSaidInOneLine() {
    assertEquals(125, execute("run", "--dry-run", "--cpus", "0"));
    assertEquals("javisor: cpus: 0, must be 1 to 255\n", err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "run", "doctor"})
  void helpFitsIntoEightyColumns(String command) {
    assertEquals(0, command.isEmpty() ? execute("--help") : execute(command, "--help"));
    assertTrue(out().contains("Usage: javisor " + command), out());
    assertEquals(List.of(), out().lines().filter(line -> line.length() > 80).toList());
  }
}
