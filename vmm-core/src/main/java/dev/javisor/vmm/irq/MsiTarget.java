package dev.javisor.vmm.irq;

/// One message-signalled interrupt (PCI 3.0, 6.8). Any thread may [#signal]; the transport that
/// owns the vector retargets it.
public interface MsiTarget extends AutoCloseable {

  /// From now on [#signal] sends `data` to `address`.
  void retarget(long address, int data);

  /// Sends the message. No effect before the first [#retarget].
  void signal();

  @Override
  void close();
}
