package dev.javisor.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// This machine itself.
public final class HereHost implements Host {
  /// Deadlines of scripts are meant for the lab; our own processor may take longer.
  private static final int PATIENCE_ON_SOFTWARE = 2;

  private final String engine;
  private final List<String> shell;
  private final Map<String, String> environment;
  private final int patience;

  /// With whatever engine there is.
  public HereHost() {
    this("kvm", List.of("setsid", "-w", "sh", "-c"), Map.of(), 1);
  }

  private HereHost(
      String engine, List<String> shell, Map<String, String> environment, int patience) {
    this.engine = engine;
    this.shell = shell;
    this.environment = environment;
    this.patience = patience;
  }

  /// With our own processor, also where there is a KVM. What a script of root's mounts, and the
  /// interfaces that it makes, are its own and go with it.
  public static HereHost onSoftware() {
    List<String> shell = new ArrayList<>(List.of("setsid", "-w"));
    if ("root".equals(System.getProperty("user.name"))) {
      shell.addAll(List.of("unshare", "-mn"));
    }
    shell.addAll(List.of("sh", "-c"));
    return new HereHost(
        "software", shell, Map.of("JAVISOR_ACCEL", "software"), PATIENCE_ON_SOFTWARE);
  }

  /// Whether this user may use a KVM here; a KVM that only emulates counts.
  public static boolean hasKvm() {
    Path kvm = Path.of("/dev/kvm");
    return Files.isReadable(kvm) && Files.isWritable(kvm);
  }

  @Override
  public Result run(int timeoutSeconds, String script) throws IOException {
    Path own = Files.createTempDirectory("host");
    Path tmp = Files.createDirectory(own.resolve("tmp"));
    Path out = own.resolve("out");
    Path err = own.resolve("err");
    List<String> command = new ArrayList<>(shell);
    command.add(script);
    try {
      ProcessBuilder builder =
          program(command.toArray(String[]::new))
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().put("TMPDIR", tmp.toString());
      Process process = builder.start();
      boolean ended = process.waitFor((long) timeoutSeconds * patience, TimeUnit.SECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      byte[] said = Files.readAllBytes(out);
      byte[] complained = Files.readAllBytes(err);
      return ended
          ? new Result(process.exitValue(), said, complained)
          : new Result(Result.TOO_LATE, said, complained).with(leftovers(tmp));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      delete(own);
    }
  }

  private byte[] leftovers(Path tmp) throws IOException {
    ProcessBuilder builder = program("sh", "-c", LEFTOVERS).redirectErrorStream(true);
    builder.environment().put("TMPDIR", tmp.toString());
    return builder.start().getInputStream().readAllBytes();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /// A program that is to run here, as scripts do; its streams are the caller's to direct.
  ProcessBuilder program(String... words) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(Host.checkout().toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder;
  }

  @Override
  public String name() {
    return "native";
  }

  @Override
  public String engine() {
    return engine;
  }

  @Override
  public void close() {
    // nothing was made
  }
}
