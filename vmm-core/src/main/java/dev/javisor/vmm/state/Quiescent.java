package dev.javisor.vmm.state;

/// A part with work in flight: requests at a back end, threads. The machine calls, with its vCPUs
/// standing still.
public interface Quiescent extends Stateful {

  /// Takes no new work and waits until none is in flight, or until `deadlineNanos` on
  /// [System#nanoTime()].
  ///
  /// @return false if something was still in flight then; the part must be resumed all the same
  boolean quiesce(long deadlineNanos);

  /// Goes on, after [#quiesce] or [#load]: looks at every queue once, since a kick may have been
  /// lost, and raises again what it had raised.
  void resume();
}
