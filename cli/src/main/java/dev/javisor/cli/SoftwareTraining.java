package dev.javisor.cli;

import dev.javisor.cli.options.Arguments;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What the launcher runs once, behind the first run on the software engine, to make that engine's
/// AOT cache: boots the built-in guest and ends it. What the JVM learns on the way about our
/// processor's methods has them compiled well from the start.
public final class SoftwareTraining {
  private SoftwareTraining() {}

  public static void main(String[] args) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    List<String> words = List.of("--accel=software", "--boot-timeout=600", "--", "true");
    RunCommand run = new RunCommand();
    int unused = run.call(Arguments.parse(run.options(), words), nowhere);
  }
}
