package dev.javisor.cli.machine;

import java.util.ArrayDeque;
import java.util.Deque;

/// Closes what was opened so far, last first, unless it is told that all went well.
final class Unwinding implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T push(T resource) {
    opened.push(resource);
    return resource;
  }

  void keep() {
    opened.clear();
  }

  @Override
  public void close() {
    RuntimeException first = null;
    for (AutoCloseable resource : opened) {
      try {
        resource.close();
      } catch (Exception e) {
        first = first == null ? new IllegalStateException("while closing " + resource, e) : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
