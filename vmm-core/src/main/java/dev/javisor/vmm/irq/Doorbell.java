package dev.javisor.vmm.irq;

/// What a device thread sleeps on. Rung by the guest's kicks, by completions and by whoever wants
/// the thread's attention; rings before a wait are not lost, many rings are one.
public interface Doorbell extends AutoCloseable {

  /// Wakes the owner, now or at its next [#await]. Any thread, never blocks.
  void ring();

  /// Sleeps until rung since the last return, at most `timeoutNanos` (negative: for ever). One
  /// thread. Returns whether it was rung.
  boolean await(long timeoutNanos);

  /// Says whether requests are at the back end, whose completion will ring: an engine in whose time
  /// a device works while the guest stands still waits for them. The owner's thread, before it
  /// sleeps.
  default void holds(boolean requests) {}

  @Override
  void close();
}
