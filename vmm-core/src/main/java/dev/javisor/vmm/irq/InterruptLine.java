package dev.javisor.vmm.irq;

/// A wire to the interrupt controller. The device at this end does not know what is at the other:
/// an irqfd, `KVM_IRQ_LINE`, our own I/O APIC, or a test's counter. Any thread.
public interface InterruptLine {

  /// Raises the level and leaves it up until [#lower]. Cheap when already up.
  void raise();

  void lower();

  /// One edge, for edge-triggered interrupts.
  default void pulse() {
    raise();
    lower();
  }
}
