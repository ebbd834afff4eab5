package dev.javisor.lab;

import dev.javisor.images.micro.MicroGuest;
import dev.javisor.images.packages.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Boots a class's L1 when its first test asks for it, and ends it after the last.
final class LabExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace HERE =
      ExtensionContext.Namespace.create(LabExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType().isAssignableFrom(LabHost.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    ExtensionContext ofClass = context;
    while (ofClass.getTestMethod().isPresent()) {
      ofClass = ofClass.getParent().orElseThrow();
    }
    Lab lab = context.getRequiredTestClass().getAnnotation(Lab.class);
    return ofClass.getStore(HERE).computeIfAbsent(LabHost.class, _ -> boot(lab), LabHost.class);
  }

  private static LabHost boot(Lab lab) {
    try {
      for (String kernel : lab.kernels()) {
        MicroGuest unused = MicroGuest.prepare(kernel, guestCache(), Progress.NONE);
      }
      primeLauncher();
      return new LabHost(lab.value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// L1 gets the checkout as it is here, read-only: with the AOT cache, which would take it minutes
  // to make.
  private static void primeLauncher() throws IOException {
    ProcessBuilder javisor =
        new ProcessBuilder(Host.checkout().resolve("javisor").toString(), "--version");
    javisor.environment().put("JAVISOR_TRAIN", "now");
    Process process = javisor.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!said.contains("javisor ")) {
      throw new IOException("./javisor does not start here: " + said);
    }
  }

  /// Where `./javisor run` looks, and what the lab shows L1.
  private static Path guestCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    return base.resolve("javisor/guest");
  }
}
