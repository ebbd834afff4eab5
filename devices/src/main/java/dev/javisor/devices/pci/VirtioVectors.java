package dev.javisor.devices.pci;

import dev.javisor.devices.virtio.VirtioInterrupts;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A virtio device's way back to its driver (virtio 1.3, 4.1.4.5 and 4.1.5.1.2): vectors, ISR
/// status, configuration generation, and the device's own cry for a reset. Takes no lock of the
/// transport's, so that a device may call with its own held. Any thread.
final class VirtioVectors implements VirtioInterrupts {
  static final int NO_VECTOR = 0xFFFF;

  private static final int ISR_QUEUE = 1;
  private static final int ISR_CONFIG = 2;

  private final String deviceName;
  private final Msix msix;
  private final List<QueueRegisters> queues;
  private final AtomicInteger isr = new AtomicInteger();
  private final AtomicInteger generation = new AtomicInteger();
  private volatile int configVector = NO_VECTOR;
  private volatile boolean needsReset;
  private volatile boolean complained;

  VirtioVectors(String deviceName, Msix msix, List<QueueRegisters> queues) {
    this.deviceName = deviceName;
    this.msix = msix;
    this.queues = queues;
  }

  @Override
  public void usedBuffers(int index) {
    isr.getAndUpdate(bits -> bits | ISR_QUEUE);
    msix.fire(queues.get(index).vector);
  }

  @Override
  public void configChanged() {
    generation.incrementAndGet();
    interruptForConfig();
  }

  @Override
  public void needsReset(String why) {
    if (!complained) {
      complained = true; // a guest can provoke this at will: one line a device
      // Asked for here only: a logger's first use costs a cold start tens of milliseconds.
      System.getLogger("dev.javisor.devices.virtio")
          .log(System.Logger.Level.WARNING, "{0} needs a reset: {1}", deviceName, why);
    }
    if (!needsReset) {
      needsReset = true;
      interruptForConfig();
    }
  }

  private void interruptForConfig() {
    isr.getAndUpdate(bits -> bits | ISR_CONFIG);
    msix.fire(configVector);
  }

  /// Reading clears.
  int takeIsr() {
    return isr.getAndSet(0);
  }

  int generation() {
    return generation.get() & 0xFF;
  }

  boolean needsReset() {
    return needsReset;
  }

  int configVector() {
    return configVector;
  }

  void configVector(int vector) {
    configVector = existing(vector);
  }

  /// `vector`, or, where there is none of that number, [#NO_VECTOR]: what the driver reads back
  /// (virtio 1.3, 4.1.5.1.2.2).
  int existing(int vector) {
    return vector < msix.vectors() ? vector : NO_VECTOR;
  }

  /// The transport was reset; the queues' vectors are its own business.
  void reset() {
    configVector = NO_VECTOR;
    needsReset = false;
    isr.set(0);
  }

  void save(StateWriter out) {
    out.putByte(isr.get());
    out.putByte(generation());
    out.putShort(configVector);
    out.putBoolean(needsReset);
  }

  void load(StateReader in) {
    isr.set(in.getByte() & (ISR_QUEUE | ISR_CONFIG));
    generation.set(in.getByte());
    configVector(in.getShort());
    needsReset = in.getBoolean();
  }
}
