package dev.javisor.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// This machine itself.
public final class HereHost implements Host {
  private final Map<String, String> environment;
  private final String engine;

  /// With whatever engine there is.
  public HereHost() {
    this(Map.of(), "kvm");
  }

  private HereHost(Map<String, String> environment, String engine) {
    this.environment = environment;
    this.engine = engine;
  }

  /// With our own processor, also where there is a KVM.
  public static HereHost onSoftware() {
    return new HereHost(Map.of("JAVISOR_ACCEL", "software"), "software");
  }

  /// Whether this user may use a KVM here; a KVM that only emulates counts.
  public static boolean hasKvm() {
    Path kvm = Path.of("/dev/kvm");
    return Files.isReadable(kvm) && Files.isWritable(kvm);
  }

  @Override
  public Result run(int timeoutSeconds, String script) throws IOException {
    Path out = Files.createTempFile("host", ".out");
    Path err = Files.createTempFile("host", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder("setsid", "-w", "sh", "-c", script)
              .directory(Host.checkout().toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      builder.environment().putAll(environment);
      Process process = builder.start();
      boolean ended = process.waitFor(timeoutSeconds, TimeUnit.SECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      int exitCode = ended ? process.exitValue() : 124;
      return new Result(exitCode, Files.readAllBytes(out), Files.readAllBytes(err));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
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
