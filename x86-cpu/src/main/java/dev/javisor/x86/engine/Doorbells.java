package dev.javisor.x86.engine;

import dev.javisor.vmm.irq.Doorbell;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Which stores ring which doorbell instead of exiting. Any thread.
final class Doorbells {
  private final List<Connection> connections = new CopyOnWriteArrayList<>();

  private record Connection(Doorbell doorbell, long gpa, int size) {}

  void connect(Doorbell doorbell, long gpa, int size) {
    connections.add(new Connection(doorbell, gpa, size));
  }

  void disconnect(Doorbell doorbell, long gpa, int size) {
    boolean unused = connections.remove(new Connection(doorbell, gpa, size));
  }

  @Nullable Doorbell find(long gpa, int size) {
    for (Connection c : connections) {
      if (c.gpa == gpa && (c.size == 0 || c.size == size)) {
        return c.doorbell;
      }
    }
    return null;
  }
}
