package dev.javisor.testkit.fake;

import dev.javisor.vmm.irq.MsiTarget;
import java.util.ArrayList;
import java.util.List;

/// A message-signalled interrupt that remembers where it was pointed and what it sent. Any thread.
public final class RecordingMsi implements MsiTarget {
  /// One message.
  public record Message(long address, int data) {}

  private final List<Message> routes = new ArrayList<>();
  private final List<Message> sent = new ArrayList<>();
  private boolean closed;

  @Override
  public synchronized void retarget(long address, int data) {
    routes.add(new Message(address, data));
  }

  @Override
  public synchronized void signal() {
    if (!routes.isEmpty()) {
      sent.add(routes.getLast());
    }
  }

  /// Each target it was given, oldest first.
  public synchronized List<Message> routes() {
    return List.copyOf(routes);
  }

  /// Each message it sent, oldest first.
  public synchronized List<Message> sent() {
    return List.copyOf(sent);
  }

  public synchronized boolean closed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
