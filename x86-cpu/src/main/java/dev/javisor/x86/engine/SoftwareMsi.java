package dev.javisor.x86.engine;

import dev.javisor.vmm.irq.MsiTarget;
import dev.javisor.x86.chip.ApicBus;
import org.jspecify.annotations.Nullable;

/// One message-signalled interrupt into our own local APICs. Any thread.
final class SoftwareMsi implements MsiTarget {
  private final ApicBus bus;
  private volatile @Nullable Message message;
  private volatile boolean closed;

  private record Message(long address, int data) {}

  SoftwareMsi(ApicBus bus) {
    this.bus = bus;
  }

  @Override
  public void retarget(long address, int data) {
    if (!closed) {
      message = new Message(address, data);
    }
  }

  @Override
  public void signal() {
    Message current = message;
    if (current != null) {
      boolean unused = bus.msi(current.address, current.data);
    }
  }

  @Override
  public void close() {
    closed = true;
    message = null;
  }
}
