package dev.javisor.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
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
      if (lab.kernels().length > 0) {
        Guests.prepare(lab.kernels());
      }
      return new LabHost(lab.value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
