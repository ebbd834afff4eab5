package dev.javisor.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Makes a class's [Host] when its first test asks for it, and ends it after the last. What the
/// class says itself ([OnSoftware]) goes before what the class says that it extends ([Lab]).
final class HostExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace HERE =
      ExtensionContext.Namespace.create(HostExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType().equals(Host.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    ExtensionContext ofClass = context;
    while (ofClass.getTestMethod().isPresent()) {
      ofClass = ofClass.getParent().orElseThrow();
    }
    Class<?> tests = context.getRequiredTestClass();
    return ofClass.getStore(HERE).computeIfAbsent(Host.class, _ -> make(tests), Host.class);
  }

  private static Host make(Class<?> tests) {
    try {
      OnSoftware onSoftware = tests.getDeclaredAnnotation(OnSoftware.class);
      Lab lab = tests.getAnnotation(Lab.class);
      if (onSoftware == null) {
        return inLab(lab);
      }
      return onSoftware(lab == null ? onSoftware.kernels() : lab.kernels());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Host inLab(Lab lab) throws IOException {
    if (lab.kernels().length > 0) {
      Guests.prepare("kvm", lab.kernels());
    }
    return new LabHost(lab.value());
  }

  private static Host onSoftware(String... kernels) throws IOException {
    Guests.prepare("software", kernels);
    return HereHost.onSoftware();
  }
}
