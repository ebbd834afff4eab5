package dev.javisor.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives a class of tests this machine with our own processor, and fetches its kernels once.
final class OnSoftwareExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace HERE =
      ExtensionContext.Namespace.create(OnSoftwareExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType().equals(Host.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> tests = context.getRequiredTestClass();
    return context
        .getRoot()
        .getStore(HERE)
        .computeIfAbsent(tests, _ -> prepared(tests), HereHost.class);
  }

  private static HereHost prepared(Class<?> tests) {
    try {
      Guests.prepare(tests.getAnnotation(OnSoftware.class).kernels());
      return HereHost.onSoftware();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
